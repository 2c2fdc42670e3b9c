const mostCharacters = 200
const controls = /[\p{Cc}\u2028\u2029]+/gu
/** Marks that change the direction of what follows them, and characters that nobody sees. */
const unseen = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu
const address = /^[^\s@]+@[^\s@]+$/
const scheme = /:(?=\/\/)/g
const innerDot = /(?<=[\p{L}\p{N}])\.(?=\p{L})/gu
const joiner = '\u200c'

/**
 * Text that somebody may have chosen, fit to stand in a mail: one line, at most 200 characters, nothing that turns the direction of the
 * rest, and nothing that a mail program makes a link of (a dot between letters is followed by a character that is not seen).
 */
export function plainValue(value: string): string {
  const line = value.toWellFormed().replace(controls, ' ').replace(unseen, '').replace(/\s+/g, ' ').trim()
  const characters = [...line]
  const short =
    characters.length > mostCharacters ? `${characters.slice(0, mostCharacters - 1).join('')}…` : line
  if (address.test(short) && !short.includes('/')) return short
  return short.replace(scheme, `:${joiner}`).replace(innerDot, `.${joiner}`)
}

/** A subject: one line of at most 200 characters. */
export function subjectLine(text: string): string {
  const characters = [...text.replace(controls, ' ').trim()]
  return characters.length > mostCharacters
    ? `${characters.slice(0, mostCharacters - 1).join('')}…`
    : characters.join('')
}
