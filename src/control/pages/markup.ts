/** A piece of HTML whose every value was escaped when it came in. */
export interface Markup {
  readonly html: string
}

type Part = string | number | Markup | undefined | readonly Part[]

/** Text that is safe between tags and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** HTML as a template: texts are escaped, pieces of HTML and lists of them are taken over, undefined is nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return {
    html: texts.reduce((sum, text, at) => sum + text + (at < parts.length ? written(parts[at]) : ''), ''),
  }
}

function written(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return 'html' in part ? part.html : part.map(written).join('')
}

const escaped = /&#(\d+);/g
const unescaped = (_: string, code: string): string => String.fromCharCode(Number(code))

/** The text that was escaped, as it was. */
export const exactText = (text: string): string => text.replace(escaped, unescaped)

/** Inside a line: words on either side of these may belong together. */
const inline = /<\/?(?:a|code|em|mark|span|strong)\b[^>]*>/g

/** The words of a piece of HTML, as a search and a plain text want them. */
export const plainText = ({ html: source }: Markup): string =>
  source
    .replace(/<button.*?<\/button>/gs, '')
    .replace(inline, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(escaped, unescaped)
    .replace(/\s+/g, ' ')
    .trim()
