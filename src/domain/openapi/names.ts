const longest = 100

/** A text in lower-case words joined by dashes: `getForecast` is `get-forecast`, `/users/{id}` is `users-by-id`. */
export function slugOf(text: string): string {
  return text
    .replace(/\{([^}]*)\}/g, '-by-$1-')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
}

/** The name that an imported route would like: that of its upstream, then its only operation's id or its path. */
export function routeName(
  upstream: string,
  path: string,
  operationIds: readonly (string | undefined)[],
): string {
  const [only] = operationIds.length === 1 ? operationIds : []
  const own = slugOf(only ?? '') || slugOf(path) || 'root'
  const name = `${namePrefix(upstream)}${own}`
  return name.length <= longest ? name : `${name.slice(0, longest - 9)}-${fingerprint(path)}`
}

/** What the names of the routes that are imported for an upstream begin with. */
export const namePrefix = (upstream: string): string => `${(slugOf(upstream) || 'api').slice(0, 60)}-`

/** The name, or with a mark made of the path where another route has it already. */
export function freeName(name: string, path: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name
  const marked = `${name.slice(0, longest - 9)}-${fingerprint(path)}`
  for (let number = 2; ; number++) {
    const candidate = number === 2 ? marked : `${marked.slice(0, longest - 5)}-${number}`
    if (!isTaken(candidate)) return candidate
  }
}

/** FNV-1a over 32 bits: tells paths apart, protects nothing. */
function fingerprint(text: string): string {
  let value = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value.toString(16).padStart(8, '0')
}
