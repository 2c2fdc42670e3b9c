import { text } from '@/text/extras.ts'
import { majorText, minorOf } from '@/ui/minor-units.ts'
import type { ModuleRecord } from '../module/schema.ts'

/** The ways to price that there are. */
export const models = ['flat', 'per_unit', 'graduated', 'volume', 'package', 'percentage'] as const

const labels = {
  price_monthly: text.base,
  requests_per_month: text.included,
  quota_mode: text.quota,
  overage_unit_price: text.overage,
  unit_price: text.unit,
  package_size: text.packageSize,
  basis_points: text.basisPoints,
  minimum_commitment: text.minimum,
} as const
/** A field of a price that is typed into one control. */
export type PriceField = keyof typeof labels

/** A tier as it is typed; the last one ends nowhere. */
export interface TypedTier {
  readonly up_to: string
  readonly unit_price: string
  readonly fee: string
}

/** A price as it is typed: amounts in the major unit. */
export type TypedPrice = { readonly [Field in PriceField | 'price_model' | 'currency']: string } & {
  readonly tiers: readonly TypedTier[]
}

const amounts: readonly string[] = ['price_monthly', 'minimum_commitment']
const texts: readonly string[] = ['unit_price', 'overage_unit_price', 'quota_mode']
const ofModel: Readonly<Record<string, readonly PriceField[]>> = {
  flat: ['requests_per_month', 'quota_mode', 'overage_unit_price'],
  per_unit: ['unit_price'],
  package: ['unit_price', 'package_size'],
  percentage: ['basis_points'],
}

/** What there is to say under a model. */
export const fieldsOf = (
  model: string,
): readonly { readonly name: PriceField; readonly label: string; readonly isAmount: boolean }[] =>
  (['price_monthly', ...(ofModel[model] ?? []), 'minimum_commitment'] as const).map((name) => ({
    name,
    label: labels[name],
    isAmount: amounts.includes(name),
  }))

/** Whether a model is made of tiers. */
export const hasTiers = (model: string): boolean => model === 'graduated' || model === 'volume'

/** The price of a plan or of one of its versions, as it is typed. */
export function typedOf(price: ModuleRecord): TypedPrice {
  const currency = String(price['currency'])
  const said = (name: string): string => String(price[name] ?? '')
  const amount = (name: string): string => majorText(Number(price[name] ?? 0), currency)
  // The price of one request stands in the finer of the two fields where it is set there.
  const overage = said('overage_unit_price') || amount('overage_price')
  return {
    price_model: said('price_model'),
    currency,
    price_monthly: amount('price_monthly'),
    minimum_commitment: amount('minimum_commitment'),
    requests_per_month: said('requests_per_month'),
    quota_mode: said('quota_mode'),
    overage_unit_price: overage,
    unit_price: said('unit_price'),
    package_size: said('package_size'),
    basis_points: said('basis_points'),
    tiers: Array.isArray(price['tiers'])
      ? price['tiers'].map((tier: Readonly<Record<string, unknown>>) => ({
          up_to: String(tier['up_to'] ?? ''),
          unit_price: String(tier['unit_price'] ?? ''),
          fee: majorText(Number(tier['fee'] ?? 0), currency),
        }))
      : [],
  }
}

const numberOr = (words: string): unknown => (/^-?\d+$/.test(words.trim()) ? Number(words) : words)

/** What was typed, as the server takes it: fields of the model alone; what is no number goes as it is and is refused there. */
export function draftOf(typed: TypedPrice): Readonly<Record<string, unknown>> {
  const { price_model, currency, tiers } = typed
  const amountOr = (words: string): unknown => minorOf(words, currency) ?? words
  const values = fieldsOf(price_model).map(({ name, isAmount }) => [
    name,
    isAmount ? amountOr(typed[name]) : texts.includes(name) ? typed[name].trim() : numberOr(typed[name]),
  ])
  const steps = tiers.map(({ up_to, unit_price, fee }, index) => ({
    ...(index === tiers.length - 1 && up_to.trim() === '' ? {} : { up_to: numberOr(up_to) }),
    unit_price: unit_price.trim(),
    fee: fee.trim() === '' ? 0 : amountOr(fee),
  }))
  return {
    price_model,
    currency,
    tiers: hasTiers(price_model) ? steps : null,
    ...Object.fromEntries(values),
  }
}
