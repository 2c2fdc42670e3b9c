import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/** before dummy_payment_object.update: of two that change the same revision, the second is refused and has to read again. */
export const followDummyPaymentRevision: Behaviour = ({ input, before }): Refusal | undefined =>
  input['revision'] === Number(before?.['revision']) + 1
    ? undefined
    : refuse('conflict', 'The object has changed since it was read')
