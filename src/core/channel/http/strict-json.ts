import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { shortened } from '#contract/shortened.ts'

const deepest = 64

/** The index of the quote that ends the string token that begins at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1
  while (text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return index
}

function nameOf(token: string): string {
  return token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
}

/** What is wrong with a text that is JSON already: a name that stands twice, `__proto__`, or absurd nesting. */
function problemIn(text: string): { field: string; reason: string } | undefined {
  const open: (Set<string> | undefined)[] = []
  let expectsName = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '"') {
      const end = endOfString(text, index)
      const names = open.at(-1)
      if (expectsName && names !== undefined) {
        const name = nameOf(text.slice(index, end + 1))
        if (name === '__proto__') return { field: name, reason: 'is not a name that a field can have' }
        if (names.has(name)) return { field: name, reason: 'stands twice in the body' }
        names.add(name)
        expectsName = false
      }
      index = end
    } else if (character === '{' || character === '[') {
      if (open.length >= deepest) return { field: 'body', reason: `is nested deeper than ${deepest} levels` }
      open.push(character === '{' ? new Set() : undefined)
      expectsName = character === '{'
    } else if (character === '}' || character === ']') {
      open.pop()
      expectsName = false
    } else if (character === ',') expectsName = open.at(-1) !== undefined
  }
  return undefined
}

/** Reads a JSON object without ambiguity: malformed text, other values, doubled names and `__proto__` are refused. */
export function parseObject(text: string): Outcome<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('invalid_request', 'The body is not valid JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('invalid_request', 'The body must be a JSON object')
  }
  const problem = problemIn(text)
  if (problem !== undefined) {
    const field = shortened(problem.field)
    return refuse('invalid_request', `${field} ${problem.reason}`, { field, reason: problem.reason })
  }
  return accept(value as Record<string, unknown>)
}
