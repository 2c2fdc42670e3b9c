import { auditActorOf } from '#contract/audit.ts'
import { refuse } from '#contract/outcome.ts'
import { contentTypeOf } from '#core/audit/export.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import { lineStream } from '../line-stream.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import type { AuditDesk } from './audit-desk.ts'

/** What the addresses of the audit log need. */
export interface AuditDependencies {
  readonly audit: AuditDesk
}

const signIn = refuse('unauthorized', 'Sign in first')
const searchOf = (request: Request): URLSearchParams => new URL(request.url).searchParams

/** The audit log, by its rule: pages of entries, all of them as lines, and their verification. */
export function auditHandlers({ audit }: AuditDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /admin/audit': async ({ request, requestId }) => {
      const page = await audit.list(searchOf(request))
      if (!page.ok) return refusalAnswer(page, requestId)
      return dataAnswer(page.value.items, { meta: page.value.meta })
    },
    'GET /admin/audit/export': (asked) => exportAnswer(audit, asked),
    'GET /api/v1/audit': async ({ person, request, requestId }) => {
      if (person?.actor === undefined) return refusalAnswer(signIn, requestId)
      const page = await audit.list(searchOf(request), person.actor.organizationId)
      if (!page.ok) return refusalAnswer(page, requestId)
      return dataAnswer(page.value.items, { meta: page.value.meta })
    },
    'GET /api/v1/audit/export': (asked) => {
      const within = asked.person?.actor?.organizationId
      return within === undefined
        ? refusalAnswer(signIn, asked.requestId)
        : exportAnswer(audit, asked, within)
    },
    'POST /admin/audit/verify': async ({ request, requestId }) => {
      const body = await readBody(request)
      if (!body.ok) return refusalAnswer(body, requestId)
      const report = await audit.verify(body.value)
      return report.ok ? dataAnswer(report.value) : refusalAnswer(report, requestId)
    },
  }
}

async function exportAnswer(
  audit: AuditDesk,
  { request, requestId, actor }: ControlRequest,
  within?: string,
): Promise<Response> {
  const reader = { actor: auditActorOf(actor), requestId }
  const taken = await audit.export(searchOf(request), reader, within)
  if (!taken.ok) return refusalAnswer(taken, requestId)
  const { format, lines } = taken.value
  const headers = {
    'content-type': contentTypeOf[format],
    'content-disposition': `attachment; filename="audit.${format}"`,
  }
  return new Response(lineStream(lines), { headers })
}
