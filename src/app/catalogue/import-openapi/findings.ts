import { type FieldProblem, mostProblems, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import { pointerOf } from '#domain/json-pointer.ts'
import type { DocumentSource, Finding } from '#domain/openapi/source.ts'

/** A finding with its place for people: a JSON pointer into the document, and the line where the text has lines. */
export interface Found extends FieldProblem {
  readonly line?: number
}

const mostCharacters = 300

/** Documents may hold names of any length. */
const cut = (text: string): string =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1).toWellFormed()}…`

/** A finding, ready to be shown. */
export function found(source: DocumentSource, finding: Finding): Found {
  const line = source.lineOf(finding.steps)
  const field = cut(`#${pointerOf(finding.steps)}`)
  const reason = cut(finding.reason)
  return line === undefined ? { field, reason } : { field, reason, line }
}

/** Refuses a document with the first things that are wrong with it, as many as one answer tells. */
export function refuseDocument(source: DocumentSource, problems: readonly Finding[]): Refusal {
  const shown = problems.slice(0, mostProblems).map((problem) => found(source, problem))
  const [first = { field: '#', reason: 'cannot be read' }] = shown
  const where = first.line === undefined ? first.field : `${first.field} (line ${first.line})`
  const others = problems.length > 1 ? ` (${problems.length - 1} more problems)` : ''
  const more = problems.length - shown.length
  return refuse('validation_error', `${where} ${first.reason}${others}`, {
    ...first,
    ...(shown.length > 1 ? { errors: shown } : {}),
    ...(more > 0 ? { more } : {}),
  })
}

/** Refuses what the one who imports has chosen. */
export const refuseChoices = (problems: readonly Found[]): Refusal => refuseFields(problems)
