import type { LemonObject } from './lemonsqueezy-client.ts'
import { valuesIn } from './service-call.ts'

const failed = new Set(['failed', 'fraudulent'])

/** Where what we gave along stands: in the name that the customer reads, the only thing of ours that an order repeats. */
const referenceForm = /\(([A-Za-z0-9_-]{1,100})\)$/

/** The name of what is sold on a page: with our reference, so that an order can be known again. */
export const productName = (reference: string | undefined): string =>
  reference === undefined ? 'Invoice' : `Invoice (${reference})`

/** An order in our words; amounts are what was asked for: Lemon Squeezy puts taxes on top, takes them and pays them. */
export interface LemonOrder {
  readonly id: string
  readonly customerId: string
  readonly asked: number
  readonly total: number
  readonly refundedTotal: number
  readonly currency: string
  readonly status: 'processing' | 'succeeded' | 'failed'
  readonly reference: string | undefined
  readonly createdAt: string
}

/** Whether an order is of this store, and of real money where that is wanted. */
export const isOwnOrder = ({ attributes }: LemonObject, storeId: string, isTest: boolean): boolean =>
  String(attributes['store_id']) === storeId && (attributes['test_mode'] === true) === isTest

/** Reads an order. */
export function readOrder({ id, attributes }: LemonObject): LemonOrder {
  const number = (name: string): number => Number(attributes[name] ?? 0)
  const status = String(attributes['status'])
  const total = number('total')
  const item = valuesIn(attributes['first_order_item'])
  return {
    id,
    customerId: String(attributes['customer_id']),
    asked: attributes['tax_inclusive'] === true ? total : total - number('tax'),
    total,
    // The payer of an order that turned out to be a fraud has got everything back.
    refundedTotal: status === 'fraudulent' ? total : number('refunded_amount'),
    currency: String(attributes['currency']).toLowerCase(),
    status: failed.has(status) ? 'failed' : status === 'pending' ? 'processing' : 'succeeded',
    reference: referenceForm.exec(String(item['product_name'] ?? ''))?.[1],
    createdAt: String(attributes['created_at']),
  }
}

/** What a part of what was asked for is with its taxes, rounded half up; all of it is the whole total. */
export function withTax(part: number, { asked, total }: Pick<LemonOrder, 'asked' | 'total'>): number {
  if (asked <= 0) return 0
  return Number((2n * BigInt(part) * BigInt(total) + BigInt(asked)) / (2n * BigInt(asked)))
}

/** What was given back, without its taxes: the reverse of `withTax`, which it hits for every part. */
export function refundedOf({ asked, total, refundedTotal }: LemonOrder): number {
  if (total <= 0) return 0
  return Number((2n * BigInt(refundedTotal) * BigInt(asked) + BigInt(total)) / (2n * BigInt(total)))
}
