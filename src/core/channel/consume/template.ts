/** A text with `${name}` in it, taken apart: texts at even places, names at odd ones. */
export type Template = readonly string[]

/** What names in templates stand for; undefined = nothing. */
export type Scope = (name: string) => string | undefined

const placeholder = /\$\{([A-Za-z][A-Za-z0-9_.]*)\}/

/** Takes a text apart at its `${name}`s; undefined when a `${` is not one. */
export function parseTemplate(text: string): Template | undefined {
  const parts = text.split(placeholder)
  return parts.some((part, index) => index % 2 === 0 && part.includes('${')) ? undefined : parts
}

/** The names in a template. */
export const namesIn = (template: Template): readonly string[] =>
  template.filter((_part, index) => index % 2 === 1)

/** Fills a template in, every value through `encode`; undefined when a name stands for nothing. */
export function fill(
  template: Template,
  scope: Scope,
  encode: (value: string) => string = (value) => value,
): string | undefined {
  let text = ''
  for (const [index, part] of template.entries()) {
    if (index % 2 === 0) text += part
    else {
      const value = scope(part)
      if (value === undefined) return undefined
      text += encode(value)
    }
  }
  return text
}

/** A text filled in at once; for texts that the loader has checked. */
export const fillText = (
  text: string,
  scope: Scope,
  encode?: (value: string) => string,
): string | undefined => fill(parseTemplate(text) ?? [text], scope, encode)

/** A scalar as the text that stands for it; undefined for what has none. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
