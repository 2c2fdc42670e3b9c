import { type Refusal, refuse } from '#contract/outcome.ts'
import { paymentTransitions } from '#domain/payments/payment-step.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/** before payment.follow: forward only. Of two that follow the same payment at once, the second is refused. */
export const followPaymentRecord: Behaviour = ({ before, input }): Refusal | undefined => {
  const from = String(before?.['status'])
  const to = String(input['status'])
  return (paymentTransitions[from] ?? []).includes(to)
    ? undefined
    : refuse('illegal_transition', `A payment that is ${from} cannot become ${to}`, {
        field: 'status',
        from,
        to,
      })
}
