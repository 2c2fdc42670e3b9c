import type { Values } from '#ports/expression.ts'

/** The value of a header in a flat list (name, value, ...), by its lower-case name; several are joined by a comma. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let index = 0; index < headers.length; index += 2) {
    const candidate = headers[index] as string
    if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue
    const value = headers[index + 1] as string
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}

/** A flat list as expressions see it: lower-case names, several values joined by a comma. */
export function headerValues(headers: readonly string[]): Values {
  const values: Record<string, string> = Object.create(null)
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] as string).toLowerCase()
    const value = headers[index + 1] as string
    const before = values[name]
    values[name] = before === undefined ? value : `${before}, ${value}`
  }
  return values
}
