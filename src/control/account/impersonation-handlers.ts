import type { ImpersonationWish } from '#app/account/impersonation.ts'
import { accept, type FieldProblem, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { UserSessionRow } from '#contract/rows.gen.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ControlHandler } from '../route-table.ts'
import { cookieGone, originOf } from './answers.ts'
import { forPerson } from './own-account-handlers.ts'
import { type AccountDependencies, sessionAnswer } from './sign-in-handlers.ts'

const usualMinutes = 30
const mostMinutes = 60
const signIn = refuse('unauthorized', 'Nobody is signed in')
const line = /^[^\p{Cc}\u2028\u2029]*$/u

/** Operators acting as people, by their rule. */
export function impersonationHandlers(deps: AccountDependencies): Readonly<Record<string, ControlHandler>> {
  const { impersonations } = deps.accounts
  return {
    'DELETE /admin/impersonations/:id': async ({ operator, parameters, requestId }) => {
      if (operator === undefined) return refusalAnswer(signIn, requestId)
      const refusal = await impersonations.end(operator.actor, parameters['id'] ?? '', requestId)
      return refusal === undefined ? dataAnswer({ ended: true }) : refusalAnswer(refusal, requestId)
    },
    'GET /admin/impersonations': async () => dataAnswer((await impersonations.list()).map(impersonationData)),
    'POST /admin/impersonations': async (asked) => {
      const { operator, request, requestId } = asked
      if (operator === undefined) return refusalAnswer(signIn, requestId)
      const body = await readBody(request)
      const wish = body.ok ? wishOf(body.value) : body
      if (!wish.ok) return refusalAnswer(wish, requestId)
      const opened = await impersonations.begin(operator.actor, wish.value, originOf(deps, asked))
      return opened.ok ? sessionAnswer(deps, asked, opened.value, 201) : refusalAnswer(opened, requestId)
    },
    'POST /api/v1/auth/impersonation/end': forPerson(async ({ requestId, incoming }, person) => {
      const refusal = await impersonations.leave(person, requestId)
      if (refusal !== undefined) return refusalAnswer(refusal, requestId)
      return dataAnswer({ ended: true }, { headers: cookieGone(deps, incoming) })
    }),
  }
}

function wishOf(body: Readonly<Record<string, unknown>>): Outcome<ImpersonationWish> {
  const { user_id: user, organization_id: organizationId, reason, minutes = usualMinutes, ...others } = body
  const problems: FieldProblem[] = Object.keys(others).map((field) => ({
    field,
    reason: 'is not a known field',
  }))
  const isText = (value: unknown, most: number): value is string =>
    typeof value === 'string' && value.trim() !== '' && value.length <= most && line.test(value)
  if (!isText(user, 320)) problems.push({ field: 'user_id', reason: 'must be the id or e-mail of a user' })
  if (organizationId !== undefined && !isText(organizationId, 100))
    problems.push({ field: 'organization_id', reason: 'must be the id of an organization' })
  if (!isText(reason, 500) || reason.trim().length < 5)
    problems.push({ field: 'reason', reason: 'must say in one line of 5 to 500 characters why' })
  const isTime = Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= mostMinutes
  if (!isTime) problems.push({ field: 'minutes', reason: `must be a whole number from 1 to ${mostMinutes}` })
  if (problems.length > 0) return refuseFields(problems)
  return accept({
    user: String(user),
    organizationId: organizationId === undefined ? undefined : String(organizationId),
    reason: String(reason).trim(),
    minutes: Number(minutes),
  })
}

const impersonationData = (session: UserSessionRow) => ({
  id: session.id,
  user_id: session.user_id,
  organization_id: session.active_organization_id,
  operator_id: session.impersonated_by,
  reason: session.impersonation_reason,
  is_read_only: session.is_read_only,
  created_at: session.created_at,
  expires_at: session.expires_at,
})
