import type { PreviewMails } from '#app/mail/preview-mails.ts'
import { systemActor } from '#contract/actor.ts'
import { accept, type FieldProblem, type Outcome, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { Engine } from '#core/engine.ts'
import { isForEyes } from './for-eyes.ts'
import { mailPage, mailsPage } from './pages/mail-page.ts'
import type { ControlHandler, ControlRequest } from './route-table.ts'

/** What looking at mails needs. */
export interface EmailDependencies {
  readonly mails: PreviewMails
  readonly engine: Engine
}

/** A mail brings its styles along and nothing else; whatever it were made to say, it can run, load and send nothing. */
const mailPolicy = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
  'x-frame-options': 'SAMEORIGIN',
}
const markup = (text: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(text, {
    headers: { 'content-type': 'text/html; charset=utf-8', vary: 'Accept', ...headers },
  })

/** Which part was asked for; refuses what it does not know. */
function partOf(request: Request): Outcome<'all' | 'html'> {
  const parameters = new URL(request.url).searchParams
  const problems: FieldProblem[] = [...new Set(parameters.keys())]
    .filter((field) => field !== 'part')
    .map((field) => ({ field, reason: 'is not a known parameter' }))
  const parts = parameters.getAll('part')
  if (parts.length > 1 || (parts[0] ?? 'html') !== 'html')
    problems.push({ field: 'part', reason: 'can only be html' })
  return problems.length > 0 ? refuseFields(problems) : accept(parts.length === 0 ? 'all' : 'html')
}

/** The address that a test goes to: the one that was said, else that of the operator who asks. */
async function recipientOf({ engine }: EmailDependencies, asked: ControlRequest): Promise<Outcome<string>> {
  const body = await readBody(asked.request)
  if (!body.ok) return body
  const problems: FieldProblem[] = Object.keys(body.value)
    .filter((field) => field !== 'to')
    .map((field) => ({ field, reason: 'is not a known field' }))
  const { to } = body.value
  if (to !== undefined && typeof to !== 'string') problems.push({ field: 'to', reason: 'must be a string' })
  if (problems.length > 0) return refuseFields(problems)
  if (typeof to === 'string') return accept(to)
  if (asked.operator?.credential.kind !== 'session')
    return refuseFields([{ field: 'to', reason: 'is required: the token belongs to no person' }])
  const { id } = asked.operator.actor
  const operator = await engine.get({ actor: systemActor, module: 'operator', id })
  return operator.ok ? accept(String(operator.value['email'])) : operator
}

/** Looking at every mail with sample data and sending one as a test, by their rule. */
export function emailHandlers(deps: EmailDependencies): Readonly<Record<string, ControlHandler>> {
  const { mails } = deps
  return {
    'GET /admin/emails': ({ request }) =>
      isForEyes(request) ? markup(mailsPage(mails.list())) : dataAnswer(mails.list()),
    'GET /admin/emails/:template': async ({ request, parameters, requestId }) => {
      const part = partOf(request)
      const shown = part.ok ? await mails.show(parameters['template'] ?? '') : part
      if (!shown.ok) return refusalAnswer(shown, requestId)
      if (part.ok && part.value === 'html') return markup(shown.value.html, mailPolicy)
      return isForEyes(request) ? markup(mailPage(shown.value)) : dataAnswer(shown.value)
    },
    'POST /admin/emails/:template/test': async (asked) => {
      const { parameters, requestId } = asked
      const to = await recipientOf(deps, asked)
      if (!to.ok) return refusalAnswer(to, requestId)
      const template = parameters['template'] ?? ''
      const queued = await mails.test({ template, to: to.value, key: requestId })
      return queued.ok ? dataAnswer(queued.value, { status: 202 }) : refusalAnswer(queued, requestId)
    },
  }
}
