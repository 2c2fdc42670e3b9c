import type { ExportMoney } from '#app/billing/export-money.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import type { Clock } from '#ports/clock.ts'
import { asMember } from '../account/member-request.ts'
import { lineStream } from '../line-stream.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import { daySpan } from './day-span.ts'

/** What exports need. */
export interface ExportHandlerDependencies {
  readonly exportMoney: ExportMoney
  readonly clock: Clock
}

const dayMs = 86_400_000

/** Tables of money as CSV, for operators and for those whose it is, by rule. */
export function exportHandlers(deps: ExportHandlerDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /admin/billing/export/:name': (asked) => {
      const search = new URL(asked.request.url).searchParams
      return exportAnswer(deps, asked, search.get('organization_id') ?? undefined)
    },
    'GET /api/v1/billing/export/:name': asMember(async ({ actor }, asked) =>
      exportAnswer(deps, asked, actor.organizationId),
    ),
  }
}

function exportAnswer(
  { exportMoney, clock }: ExportHandlerDependencies,
  { request, parameters, requestId }: ControlRequest,
  organizationId: string | undefined,
): Response {
  const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10)
  const lastYear = { from: dayOf(clock.now() - 364 * dayMs), to: dayOf(clock.now()) }
  const span = daySpan(new URL(request.url).searchParams, { from: 'from', to: 'to' }, lastYear)
  if (!span.ok) return refusalAnswer(span, requestId)
  const { fromMs, toMs } = span.value
  const opened = exportMoney(parameters['name'] ?? '', {
    fromMs,
    toMs,
    ...(organizationId === undefined ? {} : { organizationId }),
  })
  if (!opened.ok) return refusalAnswer(opened, requestId)
  const { fileName, lines } = opened.value
  return new Response(lineStream(lines), {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'private, no-store',
    },
  })
}
