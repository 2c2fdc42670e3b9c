import { z } from 'zod'
import type { Field } from '../module.ts'

const plural = (count: number): string => `${count} character${count === 1 ? '' : 's'}`

/** A string within the field's length and pattern, and one that every database can store. */
export function textSchema(field: Field): z.ZodString {
  let schema = z
    .string({ error: 'must be a string' })
    .refine((text) => !text.includes('\u0000') && text.isWellFormed(), { error: 'must be well-formed text' })
  const { min, max, pattern } = field
  if (min !== undefined) {
    schema = schema.refine((text) => text.length >= min, { error: `must have at least ${plural(min)}` })
  }
  if (max !== undefined) {
    schema = schema.refine((text) => text.length <= max, { error: `must have at most ${plural(max)}` })
  }
  if (pattern !== undefined) {
    schema = schema.refine((text) => pattern.test(text), { error: `must match ${pattern.source}` })
  }
  return schema
}

/** The text as it stands, for types whose JSON value is a string. */
export const sameText = (text: string): string => text
