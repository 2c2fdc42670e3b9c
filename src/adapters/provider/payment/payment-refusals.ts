import { type Refusal, refuse, refuseFields } from '#contract/outcome.ts'

/** A key came back with other wishes than it was first used with. */
export const anotherAmount = refuse(
  'idempotency_mismatch',
  'This idempotency_key was used for another amount',
)

/** A page has to be about something. */
export const nothingToPay = refuseFields([
  { field: 'amount', reason: 'is required with currency, or price_id' },
])

/** More was to go back than is left of a payment. */
export const moreThanLeft = (left: number): Refusal =>
  refuseFields([{ field: 'amount', reason: `must be at most ${left}` }])

/** Something that the provider cannot do without was not entered. */
export const notSet = (key: string, why = ''): Refusal =>
  refuse('service_unavailable', `${key} is not set${why}`, { reason: 'not_configured' })
