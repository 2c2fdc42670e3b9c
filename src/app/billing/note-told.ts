import { refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/**
 * Before an action that notes that somebody was told of a record as it was when the message was written: refused once a field has
 * become something else than `told`, as that takes a message of its own.
 */
export const createNoteTold =
  (field: string): Behaviour =>
  ({ input, before }) => {
    const { told } = input
    delete input['told']
    if (told === (before?.[field] ?? '')) return undefined
    return refuse('conflict', 'The record has become something else since the message was written')
  }
