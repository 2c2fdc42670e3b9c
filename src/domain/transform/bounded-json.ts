/** Most values in a JSON body that expressions may read: parsing and walking more would hold up other requests. */
const mostValues = 30_000

const deepest = 200
const scanFrom = 2 * mostValues

/** A parsed JSON text, or why it is not given to expressions. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: 'not_json' | 'too_large' }

/** Parses JSON, but not more values, nor deeper ones, than expressions may read. */
export function parseBoundedJson(text: string): ParsedJson {
  // A shorter text cannot hold so many values.
  if (text.length > scanFrom && isTooMuch(text)) return { ok: false, reason: 'too_large' }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    return { ok: false, reason: 'not_json' }
  }
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

function isTooMuch(text: string): boolean {
  let values = 1
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === quote) index = endOfString(text, index)
    else if (code === comma) values++
    else if (code === openBrace || code === openBracket) {
      values++
      depth++
    } else if (code === closeBrace || code === closeBracket) depth--
    if (values > mostValues || depth > deepest) return true
  }
  return false
}

/** The offset of the quote that ends the string which begins here. */
function endOfString(text: string, start: number): number {
  let end = start
  do {
    end = text.indexOf('"', end + 1)
    if (end === -1) return text.length
  } while (isEscaped(text, end))
  return end
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++
  return slashes % 2 === 1
}
