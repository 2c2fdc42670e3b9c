import { detached } from './wire/detached.ts'

// Few hosts are asked for again and again.
const knownHosts = new Map<string, string>()
const mostKnownHosts = 1_000

/** The host that Host names, in lower case and without its port; undefined for what cannot be a host. */
export function hostWithoutPort(rawHost: string): string | undefined {
  const known = knownHosts.get(rawHost)
  if (known !== undefined) return known
  if (!/^[A-Za-z0-9.:[\]_-]*$/.test(rawHost)) return undefined
  const bracket = rawHost.lastIndexOf(']')
  const colon = rawHost.indexOf(':', bracket + 1)
  const host = detached((colon === -1 ? rawHost : rawHost.slice(0, colon)).toLowerCase())
  if (knownHosts.size < mostKnownHosts) knownHosts.set(detached(rawHost), host)
  return host
}
