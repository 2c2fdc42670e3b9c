import { text } from '@/text/extras.ts'
import type { ModuleRecord } from '../module/schema.ts'

/** The ways to price that there are. */
export const models = ['flat', 'per_unit', 'graduated', 'volume', 'package', 'percentage'] as const

const labels = {
  price_monthly: text.base,
  requests_per_month: text.included,
  overage_price: text.overage,
  unit_price: text.unit,
  package_size: text.packageSize,
  basis_points: text.basisPoints,
  tiers: text.tiers,
  minimum_commitment: text.minimum,
} as const
type Name = keyof typeof labels

/** A draft as it is typed. */
export type Typed = { readonly [Field in Name | 'price_model' | 'quota_mode' | 'overage_unit_price']: string }

const texts: readonly string[] = ['unit_price', 'price_model', 'quota_mode', 'overage_unit_price']
const ofModel: Readonly<Record<string, readonly Name[]>> = {
  flat: ['requests_per_month', 'overage_price'],
  per_unit: ['unit_price'],
  graduated: ['tiers'],
  volume: ['tiers'],
  package: ['unit_price', 'package_size'],
  percentage: ['basis_points'],
}

/** What there is to say under a model. */
export const fieldsOf = (model: string): readonly { readonly name: Name; readonly label: string }[] =>
  (['price_monthly', ...(ofModel[model] ?? []), 'minimum_commitment'] as const).map((name) => ({
    name,
    label: labels[name],
  }))

/** The price of a plan, as it is typed. */
export function typedOf(plan: ModuleRecord): Typed {
  const names = [...Object.keys(labels), ...texts]
  const entries = names.map((name) => {
    const value = plan[name]
    return [
      name,
      typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : String(value ?? ''),
    ]
  })
  return Object.fromEntries(entries) as Typed
}

/** What was typed, as the server takes it: fields of the model alone; what is no number goes as it is and is refused there. */
export function draftOf(typed: Typed, currency: string): Readonly<Record<string, unknown>> {
  const { price_model, quota_mode, overage_unit_price } = typed
  const values = fieldsOf(price_model).map(({ name }) => [name, valueTyped(name, typed[name])])
  const flat = price_model === 'flat' ? { quota_mode, overage_unit_price } : {}
  return { price_model, currency, ...flat, ...Object.fromEntries(values) }
}

function valueTyped(name: Name, words: string): unknown {
  if (name === 'unit_price') return words.trim()
  if (name !== 'tiers') return /^-?\d+$/.test(words.trim()) ? Number(words) : words
  try {
    return words.trim() === '' ? null : JSON.parse(words)
  } catch {
    return words
  }
}
