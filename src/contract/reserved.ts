/** First path segments that belong to the control plane; no route can shadow them (contracts, section 1). */
const reservedPrefixes: readonly string[] = [
  '/.well-known',
  '/admin',
  '/api',
  '/assets',
  '/auth',
  '/console',
  '/docs',
  '/health',
  '/marketplace',
  '/metrics',
  '/oauth',
  '/openapi.json',
  '/openapi.yaml',
  '/pi',
  '/portal',
  '/public',
  '/ui',
  '/v1',
  '/webhooks',
  '/ws',
]

const reserved = new Set(reservedPrefixes)

/** True when a path (starting with `/`, without query) is the control plane's. */
export function isReservedPath(path: string): boolean {
  const slash = path.indexOf('/', 1)
  return reserved.has(slash === -1 ? path : path.slice(0, slash))
}
