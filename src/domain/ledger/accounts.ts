/** What a customer owes us. */
export const receivable = (organizationId: string): string => `receivable:${organizationId}`

/** Prepaid credit of a customer: what we owe in service. */
export const credit = (organizationId: string): string => `credit:${organizationId}`

/** Money that a payment provider holds for us. */
export const provider = (name: string): string => `provider:${name}`

/** Tax that was charged for a country, and is owed to it. */
export const tax = (country: string): string => `tax:${country === '' ? 'none' : country}`

/** What a creator has earned, and cannot have paid out yet. */
export const payablePending = (organizationId: string): string => `payable:${organizationId}:pending`

/** Invoiced and not paid: nobody's earnings yet. */
export const deferred = 'deferred'

/** What is ours. */
export const revenue = 'revenue'

/** Credit that was given away. */
export const promotion = 'promotion'

/** What was given up. */
export const writtenOff = 'written_off'

/** Money that came from a customer and pays nothing: theirs until it has gone back. */
export const unapplied = (organizationId: string): string => `unapplied:${organizationId}`

/** Money that is under dispute. */
export const disputed = (name: string): string => `disputed:${name}`
