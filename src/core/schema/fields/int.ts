import { z } from 'zod'
import type { FieldType } from '../field-type.ts'

const wholeNumber = /^-?[0-9]+$/

/** A whole number that JavaScript and JSON carry exactly; `min` and `max` bound its value. */
export const intType: FieldType = {
  name: 'int',
  column: 'integer',
  schema: ({ min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }) =>
    z
      .number({ error: 'must be a whole number' })
      .refine(Number.isSafeInteger, { error: 'must be a whole number', abort: true })
      .refine((value) => value >= min, { error: `must be at least ${min}` })
      .refine((value) => value <= max, { error: `must be at most ${max}` })
      .transform((value) => value + 0),
  fromText: (text) => (wholeNumber.test(text) ? Number(text) : text),
  isOrdered: true,
  widget: 'number',
  typescript: () => 'number',
}
