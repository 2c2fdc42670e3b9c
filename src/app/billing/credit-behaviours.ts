import { refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/** before credit_grant.create: all of it is there. */
export const fillCreditGrant: Behaviour = ({ input }) => {
  input['remaining'] = input['amount']
  return undefined
}

/** before credit_grant.use: never more than is left. */
export const useCreditGrant: Behaviour = ({ input, before }) => {
  const remaining = Number(before?.['remaining']) - Number(input['used'])
  if (before?.['status'] !== 'active' || remaining < 0)
    return refuse('conflict', 'There is less credit left than that')
  Object.assign(input, { remaining, status: remaining === 0 ? 'used' : 'active' })
  return undefined
}

/** before credit_grant.expire: once, when its time has come. */
export const expireCreditGrant: Behaviour = ({ input, before, now }) => {
  const expiresAt = Date.parse(String(before?.['expires_at']))
  if (before?.['status'] !== 'active' || !(expiresAt <= now))
    return refuse('illegal_transition', 'The credit is not past its time')
  if (Number(input['seen']) !== before['remaining'])
    return refuse('conflict', 'The credit was used meanwhile')
  delete input['seen']
  Object.assign(input, { remaining: 0, status: 'expired' })
  return undefined
}
