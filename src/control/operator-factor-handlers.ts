import type { IncomingMessage } from 'node:http'
import type { OperatorAtWork, OperatorSecondFactor } from '#app/identity/operator-second-factor.ts'
import { refuse } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { passwordField, readFields } from './account/fields.ts'
import type { ControlHandler, ControlRequest } from './route-table.ts'

/** What the second factor of operators needs. */
export interface OperatorFactorDependencies {
  readonly operatorFactor: OperatorSecondFactor
  readonly clientAddress: (incoming: IncomingMessage) => string
}

const codeField = { most: 40 }
const noAccount = refuse('conflict', 'A token has no second factor: sign in with an account')

/** Turning the second factor of operators on and off, by its rule. */
export function operatorFactorHandlers({
  operatorFactor: factor,
  clientAddress,
}: OperatorFactorDependencies): Readonly<Record<string, ControlHandler>> {
  const forAccount =
    (work: (asked: ControlRequest, at: OperatorAtWork) => Promise<Response>): ControlHandler =>
    (asked) => {
      const { operator, requestId, incoming } = asked
      if (operator?.credential.kind !== 'session') return refusalAnswer(noAccount, requestId)
      const address = clientAddress(incoming)
      return work(asked, { id: operator.actor.id, sessionId: operator.credential.id, address, requestId })
    }
  return {
    'POST /admin/two-factor/begin': forAccount(async ({ request, requestId }, at) => {
      const fields = await readFields(request, { password: passwordField })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const begun = await factor.begin(at, fields.value.password)
      return begun.ok ? dataAnswer(begun.value) : refusalAnswer(begun, requestId)
    }),
    'POST /admin/two-factor/enable': forAccount(async ({ request, requestId }, at) => {
      const fields = await readFields(request, { code: codeField })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const enabled = await factor.enable(at, fields.value.code)
      if (!enabled.ok) return refusalAnswer(enabled, requestId)
      return dataAnswer({ two_factor_enabled: true, recovery_codes: enabled.value })
    }),
    'POST /admin/two-factor/disable': forAccount(async ({ request, requestId }, at) => {
      const fields = await readFields(request, { password: passwordField, code: codeField })
      if (!fields.ok) return refusalAnswer(fields, requestId)
      const refusal = await factor.disable(at, fields.value)
      if (refusal !== undefined) return refusalAnswer(refusal, requestId)
      return dataAnswer({ two_factor_enabled: false, recovery_codes: [] })
    }),
  }
}
