const ownCookie = /^(?:__Host-|__Secure-)?apigate_/i

/** True for a cookie of the control plane: it is nobody's business behind the gateway, and nobody there may set it. */
export const isOwnCookie = (name: string): boolean => ownCookie.test(name)

/** A Cookie header without our own cookies; empty when nothing is left. */
export function withoutOwnCookies(value: string): string {
  if (!value.toLowerCase().includes('apigate_')) return value
  return value
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && !isOwnCookie(pair))
    .join('; ')
}
