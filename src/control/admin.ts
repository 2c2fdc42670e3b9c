import type { IncomingMessage } from 'node:http'
import type { SignInOperator } from '#app/identity/sign-in-operator.ts'
import type { SignOutOperator } from '#app/identity/sign-out-operator.ts'
import { type FieldProblem, refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { Engine } from '#core/engine.ts'
import type { Clock } from '#ports/clock.ts'
import type { Metrics } from '#ports/metrics.ts'
import { keepFailedSignIn } from './failed-sign-in.ts'
import type { ControlHandler } from './route-table.ts'
import { isFromElsewhere } from './same-site.ts'
import { sessionCookieHeader } from './session-cookie.ts'

/** What signing in and out needs. */
export interface AdminDependencies {
  readonly engine: Engine
  readonly signIn: SignInOperator
  readonly signOut: SignOutOperator
  readonly clock: Clock
  readonly metrics: Pick<Metrics, 'rateLimited'>
  readonly isSecure: (incoming: IncomingMessage) => boolean
  readonly clientAddress: (incoming: IncomingMessage) => string
}

const foreign = refuse('forbidden', 'Signing in only works from the pages of this address')
const mostCharacters = { email: 320, password: 1_000, code: 40 }

function problemsOf(body: Readonly<Record<string, unknown>>): FieldProblem[] {
  const unknown = Object.keys(body).filter((name) => !Object.hasOwn(mostCharacters, name))
  const problems = unknown.map((field) => ({ field, reason: 'is not a known field' }))
  for (const field of ['email', 'password'] as const) {
    const value = body[field]
    if (typeof value !== 'string' || value === '') problems.push({ field, reason: 'is required' })
    else if (value.length > mostCharacters[field]) problems.push({ field, reason: 'is too long' })
  }
  const { code = '' } = body
  if (typeof code !== 'string') problems.push({ field: 'code', reason: 'must be a text' })
  else if (code.length > mostCharacters.code) problems.push({ field: 'code', reason: 'is too long' })
  return problems
}

/** `POST /admin/login`: e-mail and password for a session cookie. */
export function loginHandler(deps: AdminDependencies): ControlHandler {
  return async ({ request, requestId, incoming }) => {
    if (isFromElsewhere(request, deps.isSecure(incoming))) return refusalAnswer(foreign, requestId)
    const body = await readBody(request)
    if (!body.ok) return refusalAnswer(body, requestId)
    const problems = problemsOf(body.value)
    if (problems.length > 0) return refusalAnswer(refuseFields(problems), requestId)
    const signedIn = await deps.signIn({
      email: String(body.value['email']),
      password: String(body.value['password']),
      code: body.value['code'] ? String(body.value['code']) : undefined,
      address: deps.clientAddress(incoming),
      userAgent: request.headers.get('user-agent') ?? '',
      requestId,
    })
    if (!signedIn.ok) {
      if (signedIn.code === 'rate_limit_exceeded') deps.metrics.rateLimited('sign_in')
      else if (signedIn.code === 'invalid_credentials')
        await keepFailedSignIn(deps.engine, 'sign_in', String(body.value['email']), requestId)
      return refusalAnswer(signedIn, requestId)
    }
    const { operatorId, token, expiresAt } = signedIn.value
    const actor = { kind: 'system', id: 'sign-in' } as const
    const operator = await deps.engine.get({ actor, module: 'operator', id: operatorId })
    if (!operator.ok)
      return refusalAnswer(refuse('invalid_credentials', 'E-mail or password do not match'), requestId)
    const maxAgeSeconds = Math.floor((Date.parse(expiresAt) - deps.clock.now()) / 1000)
    const cookie = sessionCookieHeader('operator', token, {
      maxAgeSeconds,
      isSecure: deps.isSecure(incoming),
    })
    const data = { operator: operator.value, expires_at: expiresAt }
    return dataAnswer(data, { headers: { 'set-cookie': cookie } })
  }
}

/** `POST /admin/logout`: ends the session that the request came with; a token stays as it is. */
export function logoutHandler(deps: AdminDependencies): ControlHandler {
  return async ({ operator, requestId, incoming }) => {
    if (operator?.credential.kind === 'session') {
      const refusal = await deps.signOut(operator.credential.id, requestId)
      if (refusal !== undefined) return refusalAnswer(refusal, requestId)
    }
    const cookie = sessionCookieHeader('operator', '', {
      maxAgeSeconds: 0,
      isSecure: deps.isSecure(incoming),
    })
    return dataAnswer({ signed_out: true }, { headers: { 'set-cookie': cookie } })
  }
}

/** `GET /admin/me`: who is asking, under which role, with what. */
export function meHandler({ engine }: Pick<AdminDependencies, 'engine'>): ControlHandler {
  return async ({ operator, requestId }) => {
    if (operator === undefined) return refusalAnswer(refuse('unauthorized', 'Nobody is signed in'), requestId)
    const { actor, credential } = operator
    const module = credential.kind === 'token' ? 'operator_token' : 'operator'
    const record = await engine.get({ actor, module, id: actor.id })
    if (!record.ok) return refusalAnswer(record, requestId)
    return dataAnswer({ id: actor.id, role: actor.role, credential: credential.kind, [module]: record.value })
  }
}
