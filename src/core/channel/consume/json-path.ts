/** Steps into a JSON value; the first may be one of the roots that begin with `$`. */
export type JsonPath = readonly (string | number)[]

const whole = /^\$?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+|\[[0-9]{1,6}\])*$/
const step = /\$?[A-Za-z0-9_-]+|\[([0-9]+)\]/g

/** Reads a path such as `data.items[0].id` or `$headers.x-message-id`; undefined when it is none. */
export function parsePath(text: string): JsonPath | undefined {
  if (text === '$') return []
  if (!whole.test(text)) return undefined
  return [...text.matchAll(step)].map((match) => (match[1] === undefined ? match[0] : Number(match[1])))
}

/** The value at a path; undefined where there is none. Only what the JSON itself holds is reached. */
export function valueAt(value: unknown, path: JsonPath): unknown {
  let at = value
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined
    if (Array.isArray(at) !== (typeof name === 'number') || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string | number, unknown>)[name]
  }
  return at
}
