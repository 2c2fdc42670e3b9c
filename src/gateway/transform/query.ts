import type { Values } from '#ports/expression.ts'

/** A query, with its `?` or empty, as expressions see it: decoded, the first of several values. */
export function queryValues(query: string): Values {
  const values: Record<string, string> = Object.create(null)
  for (const part of query.slice(1).split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decoded(equals === -1 ? part : part.slice(0, equals))
    if (!Object.hasOwn(values, name)) values[name] = equals === -1 ? '' : decoded(part.slice(equals + 1))
  }
  return values
}

/** The query without the dropped parameters and with the set ones at its end; what is kept stays as it was sent. */
export function changedQuery(
  query: string,
  dropped: ReadonlySet<string>,
  set: readonly (readonly [name: string, value: string])[],
): string {
  const parts = query
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !dropped.has(decoded(part.split('=', 1)[0] ?? '')))
  for (const [name, value] of set) parts.push(`${encoded(name)}=${encoded(value)}`)
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

// A lone half of a surrogate pair cannot be encoded.
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
