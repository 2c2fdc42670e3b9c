import type { Checkout, Customer, Order, Subscription } from '@lemonsqueezy/lemonsqueezy.js'
import type { Clock } from '#ports/clock.ts'

/** Fields as they came in. */
export type Values = Readonly<Record<string, unknown>>
/** What the double answers. */
export type LemonAnswer = readonly [status: number, content: unknown]
type Attributes<T extends { data: { attributes: object } }> = {
  -readonly [K in keyof T['data']['attributes']]: T['data']['attributes'][K]
}
type Stored<A> = { readonly id: string; readonly type: string; readonly attributes: A }

/** A refusal in Lemon Squeezy's form. */
export const lemonError = (status: number, detail: string): LemonAnswer => [
  status,
  { jsonapi: { version: '1.0' }, errors: [{ status: String(status), title: 'Error', detail }] },
]
const missing = lemonError(404, 'The related resource does not exist.')
const one = (data: unknown, status = 200): LemonAnswer => [status, { jsonapi: { version: '1.0' }, data }]
const formatted = (amount: number): string => `$${(amount / 100).toFixed(2)}`

/** The variants that the store sells: the first for invoices, the others by subscription. */
export const lemonVariants = { invoices: '7001', subscriptions: ['7002', '7003'] as const }
export const lemonStoreId = '4242'

/** The objects of one store, in the shapes of Lemon Squeezy's own library: pages, orders with the customer's tax on top, refunds. */
export function createLemonStore(deps: {
  readonly clock: Clock
  readonly tell: (event: string, data: object, custom: unknown) => void
}) {
  let count = 100
  const next = (): number => {
    count += 1
    return count
  }
  const now = (): string => new Date(deps.clock.now()).toISOString()
  const customers = new Map<string, Stored<Attributes<Customer>>>()
  const checkouts = new Map<string, Stored<Attributes<Checkout>>>()
  const orders = new Map<string, Stored<Attributes<Order>>>()
  const subscriptions = new Map<string, Stored<Attributes<Subscription>>>()
  const paid = new Map<string, { order: string; subscription?: string }>()
  /** What is so at Lemon Squeezy; an order repeats the name of a page where `namesOrders`. */
  const store = { currency: 'USD', taxPercent: 0, isTest: false, namesOrders: true }
  const keep = <A>(table: Map<string, Stored<A>>, type: string, id: string, attributes: A): Stored<A> => {
    const made = { id, type, attributes }
    table.set(id, made)
    return made
  }

  function createCustomer({ attributes }: Values): LemonAnswer {
    const { name, email } = attributes as { name: string; email: string }
    if ([...customers.values()].some((customer) => customer.attributes.email === email))
      return lemonError(422, 'The email has already been taken.')
    const id = String(next())
    const made: Attributes<Customer> = {
      store_id: Number(lemonStoreId),
      name,
      email,
      status: 'subscribed',
      city: null,
      region: null,
      country: null,
      total_revenue_currency: 0,
      mrr: 0,
      status_formatted: 'Subscribed',
      country_formatted: null,
      total_revenue_currency_formatted: '$0.00',
      mrr_formatted: '$0.00',
      urls: { customer_portal: `https://double.lemonsqueezy.com/billing?customer=${id}` },
      created_at: now(),
      updated_at: now(),
      test_mode: store.isTest,
    }
    return one(keep(customers, 'customers', id, made), 201)
  }

  function createCheckout({ attributes, relationships }: Values): LemonAnswer {
    const asked = attributes as Values
    const related = relationships as Readonly<Record<string, { data: { id: string } }>>
    const variant = related['variant']?.data.id ?? ''
    const sold = [lemonVariants.invoices, ...lemonVariants.subscriptions]
    if (related['store']?.data.id !== lemonStoreId || !sold.includes(variant)) return missing
    const price = asked['custom_price']
    if (price !== undefined && !(Number.isInteger(price) && Number(price) > 0))
      return lemonError(422, 'The custom price must be a positive integer.')
    const id = `0b5e0f3e-0000-4000-8000-${String(next()).padStart(12, '0')}`
    const made = {
      store_id: Number(lemonStoreId),
      variant_id: Number(variant),
      custom_price: typeof price === 'number' ? price : null,
      product_options: asked['product_options'],
      checkout_options: asked['checkout_options'],
      checkout_data: asked['checkout_data'],
      preview: false,
      expires_at: null,
      created_at: now(),
      updated_at: now(),
      test_mode: asked['test_mode'] === true,
      url: `https://double.lemonsqueezy.com/checkout/custom/${id}?signature=double`,
    } as unknown as Attributes<Checkout>
    return one(keep(checkouts, 'checkouts', id, made), 201)
  }

  /** The customer pays on a page; `as` is what another amount or currency would be. */
  function pay(
    checkoutId: string,
    as: { isDeclined?: boolean; amount?: number; currency?: string } = {},
  ): string {
    const page = checkouts.get(checkoutId)?.attributes
    if (page === undefined) throw new Error(`no page ${checkoutId}`)
    const before = paid.get(checkoutId)
    if (before !== undefined) return before.order
    const amount = as.amount ?? page.custom_price ?? 1_000
    const tax = Math.round((amount * store.taxPercent) / 100)
    const { email, name, custom } = page.checkout_data
    const customer = [...customers.values()].find((one) => one.attributes.email === email)
    const isDeclined = as.isDeclined ?? email.startsWith('decline')
    const id = next()
    const productName = store.namesOrders ? (page.product_options.name ?? 'API usage') : 'API usage'
    const sums = {
      subtotal: amount,
      setup_fee: 0,
      discount_total: 0,
      tax,
      total: amount + tax,
      refunded_amount: 0,
    }
    const order: Attributes<Order> = {
      store_id: page.store_id,
      customer_id: Number(customer?.id ?? 0),
      identifier: `104e18a2-0000-4000-8000-${String(id).padStart(12, '0')}`,
      order_number: id,
      user_name: name,
      user_email: email,
      currency: (as.currency ?? store.currency) as Attributes<Order>['currency'],
      currency_rate: '1.00000000',
      ...sums,
      subtotal_usd: amount,
      setup_fee_usd: 0,
      discount_total_usd: 0,
      tax_usd: tax,
      total_usd: amount + tax,
      refunded_amount_usd: 0,
      tax_name: tax === 0 ? null : 'VAT',
      tax_rate: String(store.taxPercent),
      tax_inclusive: false,
      status: isDeclined ? 'failed' : 'paid',
      status_formatted: isDeclined ? 'Failed' : 'Paid',
      refunded: false,
      refunded_at: null,
      subtotal_formatted: formatted(amount),
      setup_fee_formatted: formatted(0),
      discount_total_formatted: formatted(0),
      tax_formatted: formatted(tax),
      total_formatted: formatted(amount + tax),
      refunded_amount_formatted: formatted(0),
      first_order_item: {
        id,
        order_id: id,
        product_id: 1,
        variant_id: page.variant_id,
        price_id: 1,
        quantity: 1,
        product_name: productName,
        variant_name: 'Default',
        price: amount,
        created_at: now(),
        updated_at: now(),
        test_mode: store.isTest,
      },
      urls: { receipt: `https://app.lemonsqueezy.com/my-orders/${id}` },
      created_at: now(),
      updated_at: now(),
      test_mode: store.isTest,
    }
    const made = keep(orders, 'orders', String(id), order)
    deps.tell('order_created', made, custom)
    const isSubscription = String(page.variant_id) !== lemonVariants.invoices
    const subscription = isSubscription ? { subscription: subscribe(made, custom) } : {}
    paid.set(checkoutId, { order: made.id, ...subscription })
    return made.id
  }

  function subscribe({ id, attributes: order }: Stored<Attributes<Order>>, custom: unknown): string {
    const made = {
      store_id: order.store_id,
      customer_id: order.customer_id,
      order_id: Number(id),
      variant_id: order.first_order_item.variant_id,
      user_name: order.user_name,
      user_email: order.user_email,
      status: 'active',
      cancelled: false,
      ends_at: null,
      created_at: now(),
      updated_at: now(),
      test_mode: order.test_mode,
    } as unknown as Attributes<Subscription>
    const kept = keep(subscriptions, 'subscriptions', String(next()), made)
    deps.tell('subscription_created', kept, custom)
    return kept.id
  }

  function refund(id: string, { attributes }: Values): LemonAnswer {
    const order = orders.get(id)
    if (order === undefined) return missing
    const given = Number((attributes as Values)['amount'])
    const left = order.attributes.total - order.attributes.refunded_amount
    if (order.attributes.status === 'failed' || !(given > 0) || given > left)
      return lemonError(422, 'The amount is more than what can be refunded.')
    order.attributes.refunded_amount += given
    order.attributes.refunded_amount_formatted = formatted(order.attributes.refunded_amount)
    if (given === left)
      Object.assign(order.attributes, { status: 'refunded', refunded: true, refunded_at: now() })
    deps.tell('order_refunded', order, {})
    return one(order)
  }

  function changeSubscription(id: string, change: Partial<Attributes<Subscription>>): LemonAnswer {
    const found = subscriptions.get(id)
    if (found === undefined) return missing
    if (found.attributes.status === 'expired') return lemonError(422, 'The subscription has expired.')
    Object.assign(found.attributes, change)
    deps.tell('subscription_updated', found, {})
    return one(found)
  }

  const tables = { customers, checkouts, orders, subscriptions }
  return {
    store,
    pay,
    orders,
    refund,
    createCustomer,
    createCheckout,
    changeSubscription,
    subscriptionOf: (checkoutId: string): string => String(paid.get(checkoutId)?.subscription),
    read(kind: string, id: string): LemonAnswer {
      if (kind === 'stores' && id === lemonStoreId)
        return one({ id, type: 'stores', attributes: { name: 'Double', currency: store.currency } })
      const found = tables[kind as keyof typeof tables]?.get(id)
      return found === undefined ? missing : one(found)
    },
    /** Everything of a kind, the newest first. */
    all: (kind: string): readonly Stored<Values>[] =>
      [...(tables[kind as keyof typeof tables]?.values() ?? [])].toReversed() as unknown as Stored<Values>[],
  }
}
