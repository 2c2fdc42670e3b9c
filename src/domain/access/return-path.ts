const mostCharacters = 500
/** Backslashes and control characters are what browsers read as other than they look. */
const harmless = /^\/[\x21-\x5b\x5d-\x7e]*$/

/** The path of our own that a text is, for a redirect; undefined for anything that leads, or could be read to lead, elsewhere. */
export function returnPath(text: string): string | undefined {
  if (text.length > mostCharacters || !harmless.test(text) || text.startsWith('//')) return undefined
  const base = 'http://own.invalid'
  if (!URL.canParse(text, base)) return undefined
  const { origin, pathname, search, hash } = new URL(text, base)
  // Dots are resolved by now: "/..//evil" has become "//evil".
  return origin === base && !pathname.startsWith('//') ? pathname + search + hash : undefined
}
