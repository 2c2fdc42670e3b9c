import { RE2JS } from 're2js'

/** A regular expression that takes time in proportion to the text, whatever the text is (RE2). */
export interface LinearRegex {
  readonly source: string
  /** True when the text holds a match. */
  test(text: string): boolean
  /** The named groups of a match of the whole text; undefined when it does not match. */
  match(text: string): Readonly<Record<string, string>> | undefined
}

const longestSource = 2_000
const largestProgram = 4_000

/**
 * Compiles a regular expression in the syntax that RE2 and JavaScript share. Look-around and back references are refused: they are what
 * a matcher in linear time cannot have. The reason completes "the pattern ...".
 */
export function compileLinearRegex(
  source: string,
): { readonly ok: true; readonly value: LinearRegex } | { readonly ok: false; readonly reason: string } {
  if (source.length > longestSource)
    return { ok: false, reason: `is longer than ${longestSource} characters` }
  let regex: RE2JS
  try {
    regex = RE2JS.compile(RE2JS.translateRegExp(source))
  } catch (error) {
    return { ok: false, reason: `is not a regular expression that can be used: ${reasonOf(error)}` }
  }
  if (regex.programSize() > largestProgram)
    return { ok: false, reason: 'repeats too much: write smaller counts in braces' }
  const names = Object.keys(regex.namedGroups())
  return {
    ok: true,
    value: {
      source,
      test: (text) => regex.test(text),
      match(text) {
        const matcher = regex.matcher(text)
        if (!matcher.matches()) return undefined
        const groups: Record<string, string> = Object.create(null)
        for (const name of names) {
          const value = matcher.group(name)
          if (value !== null) groups[name] = value
        }
        return groups
      },
    },
  }
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^error parsing regexp: /, '')
