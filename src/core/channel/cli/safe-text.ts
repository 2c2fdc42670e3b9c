// Controls, line separators, and the marks that turn the reading direction around: what could repaint a terminal.
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/g
const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** True when a text holds a character that a terminal would act on instead of showing it. */
export function isSafeText(text: string): boolean {
  return text.search(unsafe) === -1
}

/** The text on one line with every such character written out, so that stored data cannot drive the terminal. */
export function safeText(text: string): string {
  return text.replace(unsafe, (character) => names[character] ?? escaped(character))
}

/** The same for finished JSON or YAML with double quotes: the result reads back as the same value. Line breaks stay. */
export function safeDocument(text: string): string {
  return text.replace(unsafe, (character) => (character === '\n' ? '\n' : escaped(character)))
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u
const noWidth = /\p{Mark}/u

/** The columns that a text takes on a screen. */
export function displayWidth(text: string): number {
  let columns = 0
  for (const character of text) {
    if (character <= '~') columns += 1
    else if (!noWidth.test(character)) columns += wide.test(character) ? 2 : 1
  }
  return columns
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let columns = 0
  let kept = ''
  for (const character of text) {
    columns += displayWidth(character)
    if (columns > width - 1) break
    kept += character
  }
  return `${kept}…`
}
