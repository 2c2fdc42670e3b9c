const mostHops = 32

/**
 * Where a request comes from: the address of the peer, or what trusted proxies say of it. Each trusted proxy has appended the address of
 * its own peer to X-Forwarded-For, so the list is read from its end, for as long as the one who appended is trusted; what stands before
 * that anyone can have written.
 */
export function clientAddressOf(
  remoteAddress: string,
  forwardedFor: string | undefined,
  trustsPeer: (address: string) => boolean,
): string {
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

/** Some proxies append the port too: `203.0.113.7:5050`, `[2001:db8::7]:5050`. */
function bareAddress(text: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(text)
  if (bracketed !== null) return bracketed[1] ?? ''
  return /^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text
}
