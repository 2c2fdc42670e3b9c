import type { Inbound } from '../inbound.ts'
import type { TrustsPeer } from '../upstream-request.ts'

/** Tells whether a client speaks HTTPS: with us, or with a trusted proxy that says so. */
export type IsSecure = (inbound: Pick<Inbound, 'head' | 'isSecure' | 'remoteAddress'>) => boolean

/** Creates the rule by which that is known. */
export const createIsSecure =
  (trustsPeer: TrustsPeer): IsSecure =>
  ({ head, isSecure, remoteAddress }) =>
    isSecure || (head.ok && head.forwardedProto === 'https' && trustsPeer(remoteAddress))
