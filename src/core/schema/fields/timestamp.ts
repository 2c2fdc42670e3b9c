import { z } from 'zod'
import type { FieldType } from '../field-type.ts'
import { sameText } from './text.ts'

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/
const reason = 'must be an ISO 8601 time with its offset, for example 2026-01-31T12:00:00Z'

/** The same instant as ISO 8601 in UTC with milliseconds, or undefined where the text names none. */
function normalise(text: string): string | undefined {
  const match = iso.exec(text)
  if (match === null) return undefined
  const [, year, month, day] = match
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(day) > lastDay) return undefined
  const instant = new Date(text)
  const result = Number.isNaN(instant.getTime()) ? '' : instant.toISOString()
  return result.length === 24 ? result : undefined
}

/** An instant, ISO 8601; a date alone is its midnight in UTC. */
export const timestampType: FieldType = {
  name: 'timestamp',
  column: 'timestamp',
  schema: () =>
    z.string({ error: reason }).transform((text, context) => {
      const instant = normalise(text)
      if (instant === undefined) context.addIssue({ code: 'custom', message: reason })
      return instant ?? text
    }),
  fromText: sameText,
  isOrdered: true,
  widget: 'timestamp',
  typescript: () => 'string',
}
