import { z } from 'zod'
import type { FieldType } from '../field-type.ts'

const mostLevels = 64

/** True for null, booleans, finite numbers, strings, and lists and plain objects of them that are not absurdly deep. */
function isJson(value: unknown, level: number): boolean {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || level > mostLevels) return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, level + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every((item) => isJson(item, level + 1))
}

/** A JSON object or list. */
export const jsonType: FieldType = {
  name: 'json',
  column: 'json',
  schema: () =>
    z.unknown().refine((value) => typeof value === 'object' && value !== null && isJson(value, 0), {
      error: 'must be a JSON object or list',
    }),
  fromText: (text) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      return text
    }
  },
  isOrdered: false,
  widget: 'json',
  typescript: () => 'unknown',
}
