/** The legal next statuses of each status (product, section 3); a status that is not there is final. */
export type Transitions = Readonly<Record<string, readonly string[]>>

/** A person's account. */
export const userTransitions: Transitions = {
  pending: ['active', 'cancelled'],
  active: ['suspended', 'cancelled'],
  suspended: ['active', 'cancelled'],
}

/** An organization's right to call an API. */
export const subscriptionTransitions: Transitions = {
  incomplete: ['trialing', 'active', 'ended'],
  trialing: ['active', 'past_due', 'paused', 'cancelled', 'ended'],
  active: ['trialing', 'past_due', 'paused', 'cancelled', 'ended'],
  past_due: ['active', 'paused', 'cancelled', 'ended'],
  paused: ['trialing', 'active', 'past_due', 'cancelled', 'ended'],
  cancelled: ['trialing', 'active', 'past_due', 'ended'],
}

/** True when the status stays, or may become the other. */
export const canBecome = (transitions: Transitions, from: string, to: string): boolean =>
  from === to || (transitions[from]?.includes(to) ?? false)
