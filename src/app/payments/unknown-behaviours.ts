import { refuse, refuseFields } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { Behaviour } from '#ports/behaviour.ts'

const notOpen = (status: string) =>
  refuse('illegal_transition', `Money that is ${status} cannot be changed any more`, { field: 'status' })

/** before unknown_payment.claim: it can be a payment of the same provider that has not been paid. */
export const claimUnknownPayment: Behaviour = async ({ before, input, everywhere }) => {
  const { status, provider } = before as unknown as Rows['unknown_payment']
  if (status === 'settled' || status === 'flagged') return notOpen(status)
  const payment = await everywhere.records.get('payment', String(input['payment_id']))
  if (payment?.provider !== provider)
    return refuseFields([{ field: 'payment_id', reason: `must be a payment that ${provider} was asked for` }])
  if (payment.status === 'succeeded' || payment.status === 'flagged')
    return refuseFields([{ field: 'payment_id', reason: `is of a payment that is ${payment.status}` }])
  input['status'] = 'claimed'
  return undefined
}

/** before unknown_payment.dismiss: while nothing has come of it. */
export const dismissUnknownPayment: Behaviour = ({ before, input }) => {
  const { status } = before as unknown as Rows['unknown_payment']
  if (status === 'settled' || status === 'flagged') return notOpen(status)
  input['status'] = 'dismissed'
  return undefined
}
