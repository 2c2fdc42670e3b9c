import type { FactorChange } from '#app/account/second-factor.ts'
import type { Outcome } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import { cookieFor, originOf } from './answers.ts'
import { passwordField, readFields } from './fields.ts'
import { forPerson } from './own-account-handlers.ts'
import { type AccountDependencies, refused } from './sign-in-handlers.ts'

const codeField = { most: 40 }

/** Turning a second factor on and off, by their rule. */
export function secondFactorHandlers(deps: AccountDependencies): Readonly<Record<string, ControlHandler>> {
  const { secondFactor } = deps.accounts
  const changed = (asked: ControlRequest, outcome: Outcome<FactorChange>): Response => {
    if (!outcome.ok) return refused(deps, asked, outcome)
    const { opened, recoveryCodes } = outcome.value
    const data = {
      two_factor_enabled: recoveryCodes.length > 0,
      recovery_codes: recoveryCodes,
      token: opened.token,
      expires_at: opened.session.expires_at,
    }
    return dataAnswer(data, { headers: cookieFor(deps, asked.incoming, opened) })
  }
  return {
    'POST /api/v1/auth/two-factor/begin': forPerson(async (asked, person) => {
      const fields = await readFields(asked.request, { password: passwordField })
      if (!fields.ok) return refusalAnswer(fields, asked.requestId)
      const begun = await secondFactor.begin(person, fields.value.password, originOf(deps, asked))
      return begun.ok ? dataAnswer(begun.value) : refused(deps, asked, begun)
    }),
    'POST /api/v1/auth/two-factor/enable': forPerson(async (asked, person) => {
      const fields = await readFields(asked.request, { code: codeField })
      if (!fields.ok) return refusalAnswer(fields, asked.requestId)
      return changed(asked, await secondFactor.enable(person, fields.value.code, originOf(deps, asked)))
    }),
    'POST /api/v1/auth/two-factor/disable': forPerson(async (asked, person) => {
      const fields = await readFields(asked.request, { password: passwordField, code: codeField })
      if (!fields.ok) return refusalAnswer(fields, asked.requestId)
      return changed(asked, await secondFactor.disable(person, fields.value, originOf(deps, asked)))
    }),
  }
}
