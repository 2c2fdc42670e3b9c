import { text } from '@/text/admin.ts'
import { majorText, minorOf } from '@/ui/minor-units.ts'
import type { Typed } from './field-widget.tsx'
import type { ModuleField, ModuleRecord } from './schema.ts'

/** A value of a record, as it is typed: an amount of money in its major unit. */
export function toTyped(field: ModuleField, value: unknown, currency?: string): Typed {
  if (field.widget === 'switch') return value === true
  if (value === null || value === undefined) return ''
  if (field.widget === 'timestamp') return String(value).slice(0, 19)
  if (currency !== undefined && typeof value === 'number' && value >= 0) return majorText(value, currency)
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
}

/** What was typed, as the server takes it; a reason when it cannot be that. Times are UTC. */
export function fromTyped(
  field: ModuleField,
  typed: Typed,
  currency?: string,
): { value: unknown } | { reason: string } {
  if (typeof typed === 'boolean') return { value: typed }
  if (typed === '') return { value: field.type === 'string' && !field.required ? '' : null }
  if (field.widget === 'number') {
    if (currency !== undefined && !typed.startsWith('-')) {
      const amount = minorOf(typed, currency)
      return typeof amount === 'number' ? { value: amount } : { reason: text.amountWrong(currency) }
    }
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

/** The currency of an amount among what is typed, or else of the record; undefined for what is no amount, or has no currency yet. */
export function currencyOf(
  { money }: ModuleField,
  typed: Readonly<Record<string, Typed>>,
  record: ModuleRecord | undefined,
): string | undefined {
  if (money === undefined) return undefined
  const currency = String(typed[money] ?? record?.[money] ?? '')
  return /^[A-Z]{3}$/.test(currency) ? currency : undefined
}
