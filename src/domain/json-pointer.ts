/** Steps into a JSON value: names of members and positions in lists. */
export type Steps = readonly (string | number)[]

/** The steps as a JSON pointer (RFC 6901): empty for the value itself, `/a~1b/0` for the first item of `a/b`. */
export const pointerOf = (steps: Steps): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The steps of a JSON pointer; undefined when it is none. */
function stepsOf(pointer: string): readonly string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The value that the steps lead to; undefined when there is none. Only own members count. */
export function valueAt(value: unknown, steps: Steps): unknown {
  let current = value
  for (const step of steps) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined
    current = (current as Record<string | number, unknown>)[step]
  }
  return current
}

/** The steps of a reference within one document (`#/components/schemas/City`); undefined for any other reference. */
export function localReference(reference: string): readonly string[] | undefined {
  if (!reference.startsWith('#')) return undefined
  try {
    return stepsOf(decodeURIComponent(reference.slice(1)))
  } catch {
    return undefined
  }
}
