import type { Arrival } from '#app/account/oauth/sign-in-elsewhere.ts'
import { ticketLifetimeMs } from '#app/account/oauth/ticket.ts'
import type { ReadSite } from '#app/site/read-site.ts'
import { statusOf } from '#contract/envelope.ts'
import { accept, type Outcome, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBytes, textOf } from '#core/channel/http/read-text.ts'
import { returnPath } from '#domain/access/return-path.ts'
import { isForEyes } from '../for-eyes.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import { isFromElsewhere } from '../same-site.ts'
import { readSessionCookie, sessionCookieHeader } from '../session-cookie.ts'
import { cookieFor, originOf } from './answers.ts'
import { readFields } from './fields.ts'
import { codeQuestion, shownRefusal } from './oauth-pages.ts'
import { type AccountDependencies, refused, sessionAnswer } from './sign-in-handlers.ts'

const foreign = refuse('forbidden', 'Signing in only works from the pages of this address')
const notOurs = refuseFields([
  { field: 'return_to', reason: 'must be a path of this address, such as /portal' },
])
const usualPath = '/portal'

type PageDependencies = AccountDependencies & { readonly readSite: ReadSite }

/** Signing in with an account elsewhere, by its rule. */
export function oauthHandlers(deps: PageDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /api/v1/auth/oauth': async ({ request }) => {
      const email = new URL(request.url).searchParams.get('email') ?? ''
      const own = email.includes('@') ? await deps.accounts.connections.forEmail(email) : undefined
      const all = [...(own === undefined ? [] : [own]), ...(await deps.accounts.connections.list())]
      const providers = all.map(({ slug, label, organization }) => ({
        provider: slug,
        label,
        is_of_organization: organization !== undefined,
        start_url: `/api/v1/auth/oauth/${encodeURIComponent(slug)}/start`,
      }))
      return dataAnswer({ providers })
    },
    'GET /api/v1/auth/oauth/:provider/start': async (asked) => {
      const { request, requestId, parameters } = asked
      const target = returnPath(new URL(request.url).searchParams.get('return_to') ?? usualPath)
      if (target === undefined) return shownRefusal(deps, request, notOurs, requestId, {})
      const begun = await deps.accounts.elsewhere.begin(parameters['provider'] ?? '', target)
      if (!begun.ok) return shownRefusal(deps, request, begun, requestId, {})
      const headers = { location: begun.value.url, ...keep(deps, asked, begun.value.ticket) }
      return new Response(null, { status: 302, headers })
    },
    'GET /api/v1/auth/oauth/:provider/callback': callbackHandler(deps),
    'POST /api/v1/auth/oauth/complete': completeHandler(deps),
  }
}

/** The header that gives a browser its ticket; an empty one takes it away. */
export const keep = (
  deps: AccountDependencies,
  { incoming }: ControlRequest,
  ticket: string,
): Record<string, string> => ({
  'set-cookie': sessionCookieHeader('journey', ticket, {
    maxAgeSeconds: ticket === '' ? 0 : ticketLifetimeMs / 1000,
    isSecure: deps.isSecure(incoming),
  }),
})

const ticketOf = (deps: AccountDependencies, { request, incoming }: ControlRequest): string =>
  readSessionCookie(request.headers.get('cookie') ?? '', 'journey', deps.isSecure(incoming)) ?? ''

/** The ticket is taken away whatever becomes of it: an answer of a provider counts once. */
function callbackHandler(deps: PageDependencies): ControlHandler {
  return async (asked) => {
    const { request, requestId, parameters } = asked
    const { search } = new URL(request.url)
    const ticket = ticketOf(deps, asked)
    const arrived = await deps.accounts.elsewhere.finish(
      parameters['provider'] ?? '',
      search,
      ticket,
      originOf(deps, asked),
    )
    const gone = keep(deps, asked, '')
    if (!arrived.ok) {
      if (ticket !== '') await keepFailure(deps, asked, arrived)
      return shownRefusal(deps, request, arrived, requestId, gone)
    }
    if (arrived.value.kind === 'factor') {
      const kept = keep(deps, asked, arrived.value.ticket)
      const needed = refuse('two_factor_required', 'The account asks for a code of its second factor', {
        field: 'code',
        reason: 'is required',
      })
      return isForEyes(request)
        ? codeQuestion(deps, undefined, 200, kept)
        : refusalAnswer(needed, requestId, kept)
    }
    return sentOn(deps, asked, arrived.value)
  }
}

/** The end of a sign-in in a browser: its session, and the page that it was begun on. */
function sentOn(deps: AccountDependencies, asked: ControlRequest, arrival: Arrival): Response {
  const headers = new Headers({ location: arrival.returnTo, ...keep(deps, asked, '') })
  if (arrival.kind === 'in')
    headers.append('set-cookie', cookieFor(deps, asked.incoming, arrival.opened)['set-cookie'] ?? '')
  return new Response(null, { status: 303, headers })
}

/** `POST /api/v1/auth/oauth/complete`: the code of the second factor, from a form or from a program. */
function completeHandler(deps: PageDependencies): ControlHandler {
  return async (asked) => {
    const { request, requestId, incoming } = asked
    if (isFromElsewhere(request, deps.isSecure(incoming))) return refusalAnswer(foreign, requestId)
    const isForm = (request.headers.get('content-type') ?? '').startsWith('application/x-www-form-urlencoded')
    const code = await (isForm ? formCode(request) : jsonCode(request))
    if (!code.ok) return refusalAnswer(code, requestId)
    const ticket = ticketOf(deps, asked)
    const arrived = await deps.accounts.elsewhere.complete(ticket, code.value, originOf(deps, asked))
    if (!arrived.ok) {
      if (ticket !== '') await keepFailure(deps, asked, arrived)
      const isAgain = arrived.code !== 'sign_in_failed' && arrived.code !== 'account_suspended'
      if (!isForm) return refused(deps, asked, arrived)
      return isAgain
        ? codeQuestion(deps, arrived.message, statusOf(arrived), {})
        : shownRefusal(deps, request, arrived, requestId, keep(deps, asked, ''))
    }
    if (isForm || arrived.value.kind !== 'in') return sentOn(deps, asked, arrived.value)
    const answer = await sessionAnswer(deps, asked, arrived.value.opened, 200)
    answer.headers.append('set-cookie', keep(deps, asked, '')['set-cookie'] ?? '')
    return answer
  }
}

const jsonCode = async (request: Request): Promise<Outcome<string>> => {
  const fields = await readFields(request, { code: { most: 40 } })
  return fields.ok ? accept(fields.value.code) : fields
}

async function formCode(request: Request): Promise<Outcome<string>> {
  const bytes = await readBytes(request, 1_000)
  const text = bytes.ok ? textOf(bytes.value, request.headers) : bytes
  return text.ok ? accept((new URLSearchParams(text.value).get('code') ?? '').slice(0, 40)) : text
}

/** A sign-in that we have begun and that came back wrong is remembered, without anything of what came back. */
function keepFailure(
  { engine }: AccountDependencies,
  { parameters, requestId }: ControlRequest,
  { code }: Refusal,
): Promise<void> {
  return engine.audit.note({
    actor: { kind: 'anonymous', id: 'anonymous' },
    action: 'account.sign_in_elsewhere',
    outcome: code,
    details: parameters['provider'] === undefined ? {} : { provider: parameters['provider'].slice(0, 100) },
    requestId,
  })
}
