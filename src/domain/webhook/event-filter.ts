import type { FieldProblem } from '#contract/outcome.ts'

const form = /^(?:\*|[a-z][a-z0-9_]*\.(?:\*|[a-z0-9_]+))$/
const most = 100

/** What is wrong with a list of event types: each is exact, of a whole module (`plan.*`) or everything (`*`). */
export function judgeEventFilter(events: unknown): FieldProblem | undefined {
  if (events === null || events === undefined) return undefined
  if (!Array.isArray(events) || events.length > most)
    return { field: 'events', reason: `must be a list of at most ${most} event types` }
  const wrong = events.find((one) => typeof one !== 'string' || one.length > 200 || !form.test(one))
  return wrong === undefined
    ? undefined
    : { field: 'events', reason: 'must be event types like api_key.revoked or subscription.*' }
}

/** Whether a list of event types has this one; an empty list has all. */
export function isWanted(events: unknown, type: string): boolean {
  if (!Array.isArray(events) || events.length === 0) return true
  const module = type.slice(0, type.indexOf('.'))
  return events.some((one) => one === type || one === '*' || one === `${module}.*`)
}
