import { type Refusal, refuse } from '#contract/outcome.ts'
import { clientAddressOf } from '#domain/address/client-address.ts'
import type { RouteEntry } from '#ports/snapshot.ts'
import type { RequestHead } from '../request-head.ts'
import type { TrustsPeer } from '../upstream-request.ts'

/** Tells where a request comes from: the address of the peer, or what trusted proxies say of it. */
export type ClientAddress = (remoteAddress: string, head: Pick<RequestHead, 'forwardedFor'>) => string

/** Creates the rule by which the client's address is known. */
export function createClientAddress(trustsPeer: TrustsPeer): ClientAddress {
  return (remoteAddress, { forwardedFor }) => clientAddressOf(remoteAddress, forwardedFor, trustsPeer)
}

/** Why a route turns an address away; undefined when it does not. */
export const addressRefusal = ({ ipRules }: RouteEntry, address: string): Refusal | undefined =>
  ipRules === null || ipRules.admits(address)
    ? undefined
    : refuse('permission_denied', 'This address may not call this route')
