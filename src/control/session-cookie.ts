/** Whose session a cookie carries, or that of a sign-in on its way; each kind has a cookie of its own, which opens nothing of the others. */
export type CookieKind = 'operator' | 'person' | 'journey'

const names: Readonly<Record<CookieKind, string>> = {
  journey: 'apigate_oauth',
  operator: 'apigate_operator',
  person: 'apigate_session',
}

/** Over HTTPS the name promises browsers that no other host and no plain page can have set it. */
const nameOf = (kind: CookieKind, isSecure: boolean): string =>
  isSecure ? `__Host-${names[kind]}` : names[kind]

/** The content of a session cookie of a request; undefined when it has none, or two that contradict each other. */
export function readSessionCookie(header: string, kind: CookieKind, isSecure: boolean): string | undefined {
  const name = nameOf(kind, isSecure)
  const values = new Set<string>()
  for (const part of header.split(';')) {
    const pair = part.trim()
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals) === name && equals + 1 < pair.length)
      values.add(pair.slice(equals + 1))
  }
  const [value] = values
  return values.size === 1 ? value : undefined
}

/** The header that gives a browser its session; an empty content takes it away. */
export function sessionCookieHeader(
  kind: CookieKind,
  content: string,
  options: { readonly maxAgeSeconds: number; readonly isSecure: boolean },
): string {
  const attributes = ['Path=/', `Max-Age=${options.maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax']
  if (options.isSecure) attributes.push('Secure')
  return `${nameOf(kind, options.isSecure)}=${content}; ${attributes.join('; ')}`
}
