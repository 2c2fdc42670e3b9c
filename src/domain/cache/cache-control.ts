/** The directives of Cache-Control (RFC 9111 section 5.2), by lower-case name; `true` where there is no argument. */
export type Directives = ReadonlyMap<string, string | true>

const directive = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g
const longest = 4_096

/** Reads the value of Cache-Control, several fields joined by commas. What stands twice counts as it stands first. */
export function parseDirectives(value: string | undefined): Directives {
  const directives = new Map<string, string | true>()
  for (const [, name = '', quoted, plain] of (value ?? '').slice(0, longest).matchAll(directive)) {
    const lower = name.toLowerCase()
    if (!directives.has(lower)) directives.set(lower, quoted ?? plain ?? true)
  }
  return directives
}

const mostSeconds = 2_147_483_648

/** The seconds that a directive names; 0 where it is there but names none, because then nothing can be relied on. */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const value = directives.get(name)
  if (value === undefined) return undefined
  return value !== true && /^\d+$/.test(value) ? Math.min(Number(value), mostSeconds) : 0
}
