import { localReference, type Steps, valueAt } from '../json-pointer.ts'

/** A document that was parsed, with the way back to its text. */
export interface DocumentSource {
  readonly data: unknown
  /** The line of the nearest place that exists, where the text has lines to tell. */
  lineOf(steps: Steps): number | undefined
}

/** Something to say about a place in the document; the reason is read after the place. */
export interface Finding {
  readonly steps: Steps
  readonly reason: string
}

/** A value and where it stands. */
export interface Place {
  readonly value: unknown
  readonly steps: Steps
}

/** What findings are gathered in: problems refuse the document, notes only tell. */
export interface Findings {
  readonly problems: Finding[]
  readonly notes: Finding[]
}

/** A map of the document. */
export type DocumentMap = Readonly<Record<string, unknown>>

/** True for what JSON calls an object. */
export const isMap = (value: unknown): value is DocumentMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mostHops = 32

/** The place itself, or where its `$ref` leads, through several of them; undefined after a problem was noted. */
export function follow(root: unknown, place: Place, { problems }: Findings): Place | undefined {
  let current = place
  for (let hop = 0; hop <= mostHops; hop++) {
    const reference = isMap(current.value) ? current.value['$ref'] : undefined
    if (reference === undefined) return current
    const steps = typeof reference === 'string' ? localReference(reference) : undefined
    const at = [...current.steps, '$ref']
    if (steps === undefined) {
      problems.push({ steps: at, reason: 'refers to another document; put everything into this one' })
      return undefined
    }
    const value = valueAt(root, steps)
    if (value === undefined) {
      problems.push({ steps: at, reason: `leads to nothing: ${reference}` })
      return undefined
    }
    current = { value, steps }
  }
  problems.push({ steps: [...place.steps, '$ref'], reason: 'leads in a circle' })
  return undefined
}
