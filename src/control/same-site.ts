const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request that changes something comes from one of our own pages, by what browsers say about it: Sec-Fetch-Site, else Origin,
 * which every browser sends with such requests. Neither is no proof.
 */
export function isSameSite(request: Request, isSecure: boolean): boolean {
  if (safeMethods.has(request.method)) return true
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin' || site === 'none'
  const origin = request.headers.get('origin')
  if (origin === null || !URL.canParse(origin)) return false
  const { host, protocol } = new URL(origin)
  if (isSecure && protocol !== 'https:') return false
  return host === (request.headers.get('host') ?? new URL(request.url).host).toLowerCase()
}

/** Whether a browser says that a page of somebody else sends this; programs say nothing, and may. */
export function isFromElsewhere(request: Request, isSecure: boolean): boolean {
  const says = request.headers.has('sec-fetch-site') || request.headers.has('origin')
  return says && !isSameSite(request, isSecure)
}
