import { text } from '@/text/admin.ts'
import type { Typed } from './field-widget.tsx'
import type { ModuleField } from './schema.ts'

/** A value of a record, as it is typed. */
export function toTyped(field: ModuleField, value: unknown): Typed {
  if (field.widget === 'switch') return value === true
  if (value === null || value === undefined) return ''
  if (field.widget === 'timestamp') return String(value).slice(0, 19)
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
}

/** What was typed, as the server takes it; a reason when it cannot be that. Times are UTC. */
export function fromTyped(field: ModuleField, typed: Typed): { value: unknown } | { reason: string } {
  if (typeof typed === 'boolean') return { value: typed }
  if (typed === '') return { value: field.type === 'string' && !field.required ? '' : null }
  if (field.widget === 'number') {
    const number = Number(typed)
    return Number.isSafeInteger(number) ? { value: number } : { reason: text.numberWrong }
  }
  if (field.widget === 'timestamp') return { value: `${typed.length === 16 ? `${typed}:00` : typed}Z` }
  if (field.widget !== 'json') return { value: typed }
  try {
    return { value: JSON.parse(typed) }
  } catch {
    return { reason: text.jsonWrong }
  }
}
