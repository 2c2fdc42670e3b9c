import type { AuthenticatedPerson } from '#app/account/person.ts'
import { refuse } from '#contract/outcome.ts'
import type { UserSessionRow } from '#contract/rows.gen.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import { cookieGone, originOf } from './answers.ts'
import { emailField, newPasswordField, passwordField, readFields } from './fields.ts'
import { type AccountDependencies, refused, sessionAnswer } from './sign-in-handlers.ts'

type PersonHandler = (asked: ControlRequest, person: AuthenticatedPerson) => Promise<Response>

/** A handler for people; the rule in front of it has let nobody else in. */
export const forPerson =
  (handle: PersonHandler): ControlHandler =>
  (asked) =>
    asked.person === undefined
      ? refusalAnswer(refuse('unauthorized', 'Sign in first'), asked.requestId)
      : handle(asked, asked.person)

/** What people change about their own account and sign-ins, by their rule. */
export function ownAccountHandlers(deps: AccountDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'DELETE /api/v1/auth/sessions': forPerson(async ({ requestId }, person) => {
      const ended = await deps.accounts.sessions.endOthers(person, requestId)
      return typeof ended === 'number' ? dataAnswer({ ended }) : refusalAnswer(ended, requestId)
    }),
    'DELETE /api/v1/auth/sessions/:id': forPerson(async ({ parameters, requestId }, person) => {
      const refusal = await deps.accounts.sessions.end(person, parameters['id'] ?? '', requestId)
      return refusal === undefined ? dataAnswer({ ended: 1 }) : refusalAnswer(refusal, requestId)
    }),
    'GET /api/v1/auth/sessions': forPerson(async (_, person) => {
      const sessions = await deps.accounts.sessions.list(person)
      return dataAnswer(sessions.map((session) => sessionData(session, person.credential.id)))
    }),
    'POST /api/v1/auth/change-email': forPerson((asked, person) => changeEmail(deps, asked, person)),
    'POST /api/v1/auth/change-password': forPerson((asked, person) => changePassword(deps, asked, person)),
    'POST /api/v1/auth/close-account': forPerson((asked, person) => closeAccount(deps, asked, person)),
  }
}

const sessionData = (session: UserSessionRow, currentId: string) => ({
  id: session.id,
  user_agent: session.user_agent,
  ip: session.ip,
  created_at: session.created_at,
  last_used_at: session.last_used_at,
  expires_at: session.expires_at,
  is_current: session.id === currentId,
  is_impersonation: session.impersonated_by !== null,
})

async function changeEmail(deps: AccountDependencies, asked: ControlRequest, person: AuthenticatedPerson) {
  const fields = await readFields(asked.request, { email: emailField, password: passwordField })
  if (!fields.ok) return refusalAnswer(fields, asked.requestId)
  const refusal = await deps.accounts.changeEmail(person, fields.value, originOf(deps, asked))
  return refusal === undefined ? dataAnswer({ requested: true }) : refused(deps, asked, refusal)
}

async function changePassword(deps: AccountDependencies, asked: ControlRequest, person: AuthenticatedPerson) {
  const fields = await readFields(asked.request, {
    current_password: passwordField,
    new_password: newPasswordField,
  })
  if (!fields.ok) return refusalAnswer(fields, asked.requestId)
  const { current_password: current, new_password: next } = fields.value
  const opened = await deps.accounts.changePassword(person, { current, next }, originOf(deps, asked))
  return opened.ok ? sessionAnswer(deps, asked, opened.value, 200) : refused(deps, asked, opened)
}

async function closeAccount(deps: AccountDependencies, asked: ControlRequest, person: AuthenticatedPerson) {
  const fields = await readFields(asked.request, { password: passwordField, confirmation: { most: 320 } })
  if (!fields.ok) return refusalAnswer(fields, asked.requestId)
  const refusal = await deps.accounts.closeAccount(person, fields.value, originOf(deps, asked))
  if (refusal !== undefined) return refused(deps, asked, refusal)
  return dataAnswer({ closed: true }, { headers: cookieGone(deps, asked.incoming) })
}
