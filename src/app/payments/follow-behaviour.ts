import { type Refusal, refuse } from '#contract/outcome.ts'
import { paymentTransitions } from '#domain/payments/payment-step.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/**
 * before payment.follow: forward only. Of two that follow the same payment at once, the second is refused. Notes what is owed for it: a look
 * at what the customer keeps now, or a mail that a card was declined.
 */
export const followPaymentRecord: Behaviour = ({ before, input }): Refusal | undefined => {
  const from = String(before?.['status'])
  const to = String(input['status'])
  const isCheckout = before?.['method'] === 'checkout'
  if (to === 'succeeded') Object.assign(input, { decline_code: null, save_due: isCheckout })
  if (to === 'failed') input['mail_due'] = !isCheckout && before?.['wanted_by'] === 'schedule'
  return (paymentTransitions[from] ?? []).includes(to)
    ? undefined
    : refuse('illegal_transition', `A payment that is ${from} cannot become ${to}`, {
        field: 'status',
        from,
        to,
      })
}
