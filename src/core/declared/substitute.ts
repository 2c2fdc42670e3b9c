/** A reference to a value that is not in the file. */
const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g
const wholeReference = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/

/** True for a text that is one reference and nothing else, which is the only way to write a secret. */
export const isReference = (text: unknown): boolean => typeof text === 'string' && wholeReference.test(text)

/** The names that a document refers to. */
export function referredNames(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(reference)].flatMap(([, name]) => (name === undefined ? [] : [name])))
}

/** The text with every `${NAME}` replaced and `$${` as `${`; the names that have no value, where there are such. */
export function substituted(
  text: string,
  values: Readonly<Record<string, string>>,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing: string[] = []
  const result = text.replaceAll(reference, (whole, name: string | undefined) => {
    if (name === undefined) return '${'
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) missing.push(name)
    return value ?? whole
  })
  return { text: result, missing }
}

/** The text as a file has to write it, so that nothing in it reads as a reference. */
export const escaped = (text: string): string => text.replaceAll('${', () => `$\${`)
