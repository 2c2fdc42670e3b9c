import type { Accounts } from '#app/account/accounts.ts'
import type { AuthenticatedPerson, OpenedSession } from '#app/account/person.ts'
import { type Refusal, refuse } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { Engine } from '#core/engine.ts'
import type { Metrics } from '#ports/metrics.ts'
import { keepFailedSignIn } from '../failed-sign-in.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import { isFromElsewhere } from '../same-site.ts'
import { accountData, cookieFor, cookieGone, originOf, type Surroundings } from './answers.ts'
import { emailField, newPasswordField, passwordField, readFields } from './fields.ts'

/** What the addresses of accounts need. */
export interface AccountDependencies extends Surroundings {
  readonly accounts: Accounts
  readonly engine: Engine
  readonly metrics: Pick<Metrics, 'rateLimited'>
}

const foreign = refuse('forbidden', 'Signing in only works from the pages of this address')

/** Signing up, in and out, and who is signed in, by their rule. */
export function signInHandlers(deps: AccountDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /api/v1/auth/me': meHandler(deps),
    'POST /api/v1/auth/login': loginHandler(deps),
    'POST /api/v1/auth/logout': logoutHandler(deps),
    'POST /api/v1/auth/register': registerHandler(deps),
  }
}

function registerHandler(deps: AccountDependencies): ControlHandler {
  return async (asked) => {
    const { request, requestId, incoming } = asked
    if (isFromElsewhere(request, deps.isSecure(incoming))) return refusalAnswer(foreign, requestId)
    const fields = await readFields(request, {
      organization_name: { most: 200 },
      email: emailField,
      password: newPasswordField,
      full_name: { most: 200, isOptional: true },
    })
    if (!fields.ok) return refusalAnswer(fields, requestId)
    const { email, password, full_name: fullName, organization_name: organizationName } = fields.value
    const wish = { email, password, fullName: fullName.trim(), organizationName: organizationName.trim() }
    const outcome = await deps.accounts.register(wish, originOf(deps, asked))
    return outcome.ok ? sessionAnswer(deps, asked, outcome.value, 201) : refused(deps, asked, outcome)
  }
}

function loginHandler(deps: AccountDependencies): ControlHandler {
  return async (asked) => {
    const { request, requestId, incoming } = asked
    if (isFromElsewhere(request, deps.isSecure(incoming))) return refusalAnswer(foreign, requestId)
    const fields = await readFields(request, {
      email: { most: 320 },
      password: passwordField,
      code: { most: 40, isOptional: true },
    })
    if (!fields.ok) return refusalAnswer(fields, requestId)
    const { email, password, code } = fields.value
    const wish = { email, password, code: code === '' ? undefined : code }
    const outcome = await deps.accounts.signIn(wish, originOf(deps, asked))
    if (!outcome.ok && outcome.code === 'invalid_credentials')
      await keepFailedSignIn(deps.engine, 'account.sign_in', email, requestId)
    return outcome.ok ? sessionAnswer(deps, asked, outcome.value, 200) : refused(deps, asked, outcome)
  }
}

/** A refusal, counted where it slows somebody down. */
export function refused(
  deps: Pick<AccountDependencies, 'metrics'>,
  { requestId }: ControlRequest,
  refusal: Refusal,
): Response {
  if (refusal.code === 'rate_limit_exceeded') deps.metrics.rateLimited('sign_in')
  return refusalAnswer(refusal, requestId)
}

/** Who is signed in now, with the new session's token for programs and its cookie for browsers. */
export async function sessionAnswer(
  deps: AccountDependencies,
  { incoming, requestId }: ControlRequest,
  opened: OpenedSession,
  status: number,
): Promise<Response> {
  const view = await deps.accounts.view(opened.session.user_id, opened.organizationId)
  if (!view.ok) return refusalAnswer(view, requestId)
  const { token, session } = opened
  const data = { ...accountData(view.value), token, expires_at: session.expires_at }
  return dataAnswer(data, { status, headers: cookieFor(deps, incoming, opened) })
}

function logoutHandler(deps: AccountDependencies): ControlHandler {
  return async ({ person, requestId, incoming }) => {
    const refusal =
      person &&
      (await deps.accounts.endSession({ id: person.credential.id, userId: person.userId }, requestId))
    if (refusal !== undefined) return refusalAnswer(refusal, requestId)
    return dataAnswer({ signed_out: true }, { headers: cookieGone(deps, incoming) })
  }
}

function meHandler(deps: AccountDependencies): ControlHandler {
  return async ({ person, requestId }) => {
    if (person === undefined) return refusalAnswer(refuse('unauthorized', 'Sign in first'), requestId)
    const view = await deps.accounts.view(person.userId, person.actor?.organizationId ?? null)
    if (!view.ok) return refusalAnswer(view, requestId)
    const { kind, id } = person.credential
    return dataAnswer({
      ...accountData(view.value),
      credential: kind,
      session_id: id,
      impersonation: impersonationOf(person),
    })
  }
}

/** The operator who acts as the person, for the banner of pages; null where it is the person. */
const impersonationOf = ({ impersonation }: AuthenticatedPerson) =>
  impersonation === undefined
    ? null
    : {
        operator_id: impersonation.operatorId,
        reason: impersonation.reason,
        is_read_only: impersonation.isReadOnly,
        expires_at: impersonation.expiresAt,
      }
