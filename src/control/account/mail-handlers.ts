import type { RequestMail } from '#app/account/request-mail.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { ControlHandler } from '../route-table.ts'
import { originOf } from './answers.ts'
import { emailField, newPasswordField, readFields, tokenField } from './fields.ts'
import { type AccountDependencies, refused } from './sign-in-handlers.ts'

/** Mails with links and what the links do, by their rule. */
export function mailHandlers(deps: AccountDependencies): Readonly<Record<string, ControlHandler>> {
  const { redeem } = deps.accounts
  return {
    'POST /api/v1/auth/request-email-verification': requestHandler(deps, deps.accounts.requestVerification),
    'POST /api/v1/auth/request-password-reset': requestHandler(deps, deps.accounts.requestPasswordReset),
    'POST /api/v1/auth/verify-email': async ({ request, requestId }) => {
      const fields = await readFields(request, { token: tokenField })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const outcome = await redeem.verifyEmail(fields.value.token, requestId)
      return outcome.ok ? dataAnswer({ email_verified: true }) : refusalAnswer(outcome, requestId)
    },
    'POST /api/v1/auth/reset-password': async ({ request, requestId }) => {
      const fields = await readFields(request, { token: tokenField, password: newPasswordField })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const { token, password } = fields.value
      const outcome = await redeem.resetPassword(token, password, requestId)
      return outcome.ok ? dataAnswer({ password_reset: true }) : refusalAnswer(outcome, requestId)
    },
    'POST /api/v1/auth/confirm-email': async ({ request, requestId }) => {
      const fields = await readFields(request, { token: tokenField })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const outcome = await redeem.confirmEmail(fields.value.token, requestId)
      return outcome.ok ? dataAnswer({ email_changed: true }) : refusalAnswer(outcome, requestId)
    },
  }
}

/** Whoever asks gets the same answer, whether there is an account or not. */
function requestHandler(deps: AccountDependencies, ask: RequestMail): ControlHandler {
  return async (asked) => {
    const fields = await readFields(asked.request, { email: emailField })
    if (!fields.ok) return refusalAnswer(fields, asked.requestId)
    const refusal = ask(fields.value.email, originOf(deps, asked))
    return refusal === undefined ? dataAnswer({ requested: true }) : refused(deps, asked, refusal)
  }
}
