import { type Refusal, refuse } from '#contract/outcome.ts'
import { addressBlock } from '#domain/address-block.ts'

/** The answer while too many passwords are being worked on. */
export const crowded: Refusal = refuse('service_unavailable', 'Too many people sign in at this moment', {
  retry_after: 1,
})

/** The answer to who has to wait. */
export const tooOften = (message: string, waitMs: number): Refusal =>
  refuse('rate_limit_exceeded', message, { retry_after: Math.ceil(waitMs / 1000) })

/** What an address counts as: the network, for IPv6. */
export const addressKey = (address: string): string => addressBlock(address)
