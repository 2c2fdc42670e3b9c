import { type Refusal, refuse } from '#contract/outcome.ts'
import type { RouteEntry } from '#ports/snapshot.ts'
import type { RequestHead } from '../request-head.ts'
import type { TrustsPeer } from '../upstream-request.ts'

/** Tells where a request comes from: the address of the peer, or what trusted proxies say of it. */
export type ClientAddress = (remoteAddress: string, head: Pick<RequestHead, 'forwardedFor'>) => string

const mostHops = 32

/**
 * Creates the rule by which the client's address is known. Each trusted proxy has appended the address of its own peer to
 * X-Forwarded-For, so the list is read from its end, for as long as the one who appended is trusted; what stands before that anyone can
 * have written.
 */
export function createClientAddress(trustsPeer: TrustsPeer): ClientAddress {
  return (remoteAddress, { forwardedFor }) => {
    if (forwardedFor === undefined || !trustsPeer(remoteAddress)) return remoteAddress
    let address = remoteAddress
    let end = forwardedFor.length
    for (let hop = 0; hop < mostHops && end > 0; hop++) {
      const comma = forwardedFor.lastIndexOf(',', end - 1)
      const said = bareAddress(forwardedFor.slice(comma + 1, end).trim())
      if (said === '') return address
      address = said
      if (!trustsPeer(address)) return address
      end = comma
    }
    return address
  }
}

/** Why a route turns an address away; undefined when it does not. */
export const addressRefusal = ({ ipRules }: RouteEntry, address: string): Refusal | undefined =>
  ipRules === null || ipRules.admits(address)
    ? undefined
    : refuse('permission_denied', 'This address may not call this route')

/** Some proxies append the port too: `203.0.113.7:5050`, `[2001:db8::7]:5050`. */
function bareAddress(text: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(text)
  if (bracketed !== null) return bracketed[1] ?? ''
  return /^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text
}
