import { accept, Fault, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { currencyExponent } from '#domain/money.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import {
  type CallLemon,
  type LemonObject,
  lemonObject,
  lemonObjects,
  lemonPath,
} from './lemonsqueezy-client.ts'
import { isOwnOrder, type LemonOrder, productName, readOrder, refundedOf } from './lemonsqueezy-order.ts'
import { createLemonRefunds, type RefundNotes } from './lemonsqueezy-refunds.ts'
import type { OneAtATime } from './one-at-a-time.ts'
import { anotherAmount, nothingToPay, notSet } from './payment-refusals.ts'
import { type Values, valuesIn } from './service-call.ts'

type Actions = ProviderActions<'payment'>
type PageWish = Parameters<NonNullable<Actions['create_checkout']>>[0]

/** The shop that sells. */
export interface LemonShop {
  readonly storeId: string
  /** What is sold on pages about an amount. */
  readonly variantId: string
  readonly isTest: boolean
  now(): number
}

const pageSize = 100
const mostPages = 200
/** A key is asked for again within minutes: what was made since is not more than that. */
const mostPagesLookedThrough = 2

/** Pages, orders and refunds. An order does not say on which page it was paid: our reference in its name, or its message, does. */
export function lemonPayments(
  call: CallLemon,
  shop: LemonShop,
  oneAtATime: OneAtATime,
  notes: RefundNotes,
): Actions {
  const refund = createLemonRefunds(notes, (id, amount) =>
    call('POST', `${lemonPath('orders', id)}/refund`, { type: 'orders', id, attributes: { amount } }),
  )

  async function orderOf(id: string): Promise<Outcome<LemonOrder>> {
    const found = await call('GET', lemonPath('orders', id))
    if (!found.ok) return found
    const order = lemonObject(found.value)
    return isOwnOrder(order, shop.storeId, shop.isTest)
      ? accept(readOrder(order))
      : refuse('not_found', 'It is an order of another store, or of the other of test and live')
  }

  const page = (kind: string, number: number, filter: Readonly<Record<string, string>>) =>
    call(
      'GET',
      `/v1/${kind}?${new URLSearchParams({ ...filter, 'page[number]': String(number), 'page[size]': String(pageSize) })}`,
    )

  async function madeFor(key: string, variantId: string): Promise<Outcome<LemonObject | undefined>> {
    const filter = { 'filter[store_id]': shop.storeId, 'filter[variant_id]': variantId }
    for (let number = 1; number <= mostPagesLookedThrough; number += 1) {
      const listed = await page('checkouts', number, filter)
      if (!listed.ok) return listed
      const all = lemonObjects(listed.value)
      const found = all.find((one) => customOf(one)['key'] === key)
      if (found !== undefined || all.length < pageSize) return accept(found)
    }
    return accept(undefined)
  }

  async function makePage(wish: PageWish) {
    const {
      customer_id: customerId,
      price_id: price,
      amount,
      currency,
      reference,
      idempotency_key: key,
    } = wish
    const refusal = price ? undefined : await notAskable(amount, currency)
    if (refusal !== undefined) return refusal
    const variantId = price || shop.variantId
    if (variantId === '') return noVariant
    const customer = await call('GET', lemonPath('customers', customerId))
    if (!customer.ok) return customer
    const before = key ? await madeFor(key, variantId) : accept(undefined)
    if (!before.ok) return before
    if (before.value !== undefined)
      return price || before.value.attributes['custom_price'] === amount
        ? accept({ checkout_id: before.value.id, url: String(before.value.attributes['url']) })
        : anotherAmount
    const { email, name } = lemonObject(customer.value).attributes
    const custom = { ...(reference ? { reference } : {}), ...(key ? { key } : {}) }
    const named = price ? {} : { name: productName(reference) }
    const made = await call('POST', '/v1/checkouts', {
      type: 'checkouts',
      attributes: {
        ...(price ? {} : { custom_price: amount }),
        product_options: { ...named, redirect_url: wish.success_url, enabled_variants: [Number(variantId)] },
        // A code that takes something off would make it another amount than we ask for.
        checkout_options: { discount: false },
        checkout_data: { email, name, custom },
        test_mode: shop.isTest,
      },
      relationships: {
        store: { data: { type: 'stores', id: shop.storeId } },
        variant: { data: { type: 'variants', id: variantId } },
      },
    })
    if (!made.ok) return made
    const { id, attributes } = lemonObject(made.value)
    return accept({ checkout_id: id, url: String(attributes['url']) })
  }

  /** Lemon Squeezy asks in the currency of the store and in nothing else. */
  async function notAskable(amount: number | undefined | null, currency: string | undefined | null) {
    if (!amount || !currency) return nothingToPay
    const store = await currencyOfStore()
    if (!store.ok) return store
    const own = store.value
    if (own.toLowerCase() !== currency || currencyExponent(own) !== 2)
      return refuseFields([
        { field: 'currency', reason: `must be the one of the store, in hundredths: ${own}` },
      ])
    return undefined
  }

  async function currencyOfStore(): Promise<Outcome<string>> {
    const store = await call('GET', lemonPath('stores', shop.storeId))
    return store.ok ? accept(String(lemonObject(store.value).attributes['currency'])) : store
  }

  return {
    async get_currencies() {
      const store = await currencyOfStore()
      return store.ok ? accept({ currencies: [store.value] }) : store
    },
    create_checkout: (wish) => oneAtATime(`page ${wish.customer_id}`, () => makePage(wish)),
    async get_checkout({ checkout_id: id }) {
      const found = await call('GET', lemonPath('checkouts', id))
      if (!found.ok) return found
      const one = lemonObject(found.value)
      const until = Date.parse(String(one.attributes['expires_at'] ?? ''))
      const reference = customOf(one)['reference']
      return accept({
        checkout_id: id,
        status: until < shop.now() ? 'expired' : 'open',
        ...(typeof reference === 'string' ? { reference } : {}),
      })
    },
    async get_payment({ payment_id: id }) {
      const found = await orderOf(id)
      if (!found.ok) return found
      const { customerId, asked, currency, status, reference } = found.value
      return accept({
        payment_id: id,
        customer_id: customerId,
        amount: asked,
        amount_refunded: refundedOf(found.value),
        currency,
        status,
        ...(reference === undefined ? {} : { reference }),
      })
    },
    async list_payments({ from, to }) {
      const payments: object[] = []
      for (let number = 1; ; number += 1) {
        if (number > mostPages) throw new Fault('service_unavailable', 'too many payments at once')
        const listed = await page('orders', number, { 'filter[store_id]': shop.storeId })
        if (!listed.ok) return listed
        const all = lemonObjects(listed.value)
        for (const one of all.filter((order) => isOwnOrder(order, shop.storeId, shop.isTest))) {
          const { id, asked, currency, status, reference, createdAt } = readOrder(one)
          const at = Date.parse(createdAt)
          if (at >= Date.parse(from) && at < Date.parse(to))
            payments.push({
              payment_id: id,
              amount: asked,
              currency,
              status,
              ...(reference === undefined ? {} : { reference }),
              at: createdAt,
            })
        }
        // The newest come first.
        const last = all.at(-1)
        const isPast = last !== undefined && Date.parse(readOrder(last).createdAt) < Date.parse(from)
        if (all.length < pageSize || isPast) return accept({ payments })
      }
    },
    refund_payment: ({ payment_id: id, amount, idempotency_key: key }) =>
      oneAtATime(`refund ${id}`, async () => {
        const order = await orderOf(id)
        return order.ok ? refund(order.value, amount ?? undefined, key) : order
      }),
  }
}

const customOf = ({ attributes }: LemonObject): Values =>
  valuesIn(valuesIn(attributes['checkout_data'])['custom'])

const noVariant = notSet(
  'payment.lemonsqueezy.variant_id',
  ': invoices are sold as a variant of a product there',
)
