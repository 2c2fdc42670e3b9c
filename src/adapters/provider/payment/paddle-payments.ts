import type { CurrencyCode, TaxCategory, Transaction } from '@paddle/paddle-node-sdk'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import type { OneAtATime } from './one-at-a-time.ts'
import { amountOf, type PaddleAdjustments, statusOf } from './paddle-adjustments.ts'
import type { PaddleApi } from './paddle-client.ts'
import { anotherAmount, nothingToPay } from './payment-refusals.ts'

type Actions = ProviderActions<'payment'>
type PageWish = Parameters<NonNullable<Actions['create_checkout']>>[0]

/** How an account of Paddle is set up. */
export interface PaddlePages {
  /** The page with Paddle.js that customers pay on; the account's default payment link when absent. */
  readonly url: string | undefined
  readonly taxCategory: TaxCategory
}

const perPage = 100
const mostListed = 20_000
/** A key is asked for again within minutes: what was made since is not more than that. */
const mostLookedThrough = 200

const pageStatus = (page: Transaction): 'paid' | 'expired' | 'open' =>
  statusOf(page) === 'succeeded' ? 'paid' : page.status === 'canceled' ? 'expired' : 'open'

const noteIn = (transaction: Transaction, name: 'key' | 'reference'): string | undefined => {
  const note: unknown = transaction.customData?.[name]
  return typeof note === 'string' ? note : undefined
}

const withReference = (transaction: Transaction) => {
  const reference = noteIn(transaction, 'reference')
  return reference === undefined ? {} : { reference }
}

/** Pages and what was paid on them, which is one thing at Paddle, a transaction. */
export function paddlePayments(
  paddle: PaddleApi,
  pages: PaddlePages,
  oneAtATime: OneAtATime,
  { refundedOf }: Pick<PaddleAdjustments, 'refundedOf'>,
): Actions {
  /** The first transaction that was made for a key. */
  async function madeFor(customerId: string, key: string): Promise<Transaction | undefined> {
    const wish = { customerId: [customerId], orderBy: 'created_at[DESC]', perPage }
    let looked = 0
    let first: Transaction | undefined
    for await (const one of paddle.transactions.list(wish)) {
      if (noteIn(one, 'key') === key) first = one
      looked += 1
      if (looked >= mostLookedThrough) break
    }
    return first
  }

  function page(transaction: Transaction): Outcome<{ checkout_id: string; url: string }> {
    const url = transaction.checkout?.url
    return url ? accept({ checkout_id: transaction.id, url }) : noPage
  }

  async function makePage(wish: PageWish) {
    const {
      customer_id: customerId,
      price_id: priceId,
      amount,
      currency,
      reference,
      idempotency_key: key,
    } = wish
    if (!priceId && (!amount || !currency)) return nothingToPay
    const before = key ? await madeFor(customerId, key) : undefined
    if (before !== undefined) return isSame(before, wish) ? page(before) : anotherAmount
    const currencyCode = String(currency).toUpperCase() as CurrencyCode
    const name = reference ? `Invoice (${reference})` : 'Invoice'
    const price = {
      name,
      description: name,
      unitPrice: { amount: String(amount), currencyCode },
      taxMode: 'external' as const,
      quantity: { minimum: 1, maximum: 1 },
      product: { name: 'Invoice', taxCategory: pages.taxCategory },
    }
    const made = await paddle.transactions.create({
      items: [priceId ? { priceId, quantity: 1 } : { price, quantity: 1 }],
      customerId,
      ...(priceId ? {} : { currencyCode }),
      collectionMode: 'automatic',
      customData: { ...(reference ? { reference } : {}), ...(key ? { key } : {}) },
      ...(pages.url === undefined ? {} : { checkout: { url: pages.url } }),
    })
    // Of two processes that asked at once, both go on with the page that was first.
    return page((key ? await madeFor(customerId, key) : undefined) ?? made)
  }

  return {
    create_checkout: (wish) => paddle.do(() => oneAtATime(`page ${wish.customer_id}`, () => makePage(wish))),
    get_checkout: ({ checkout_id: id }) =>
      paddle.do(async () => {
        const found = await paddle.transactions.get(id)
        const status = pageStatus(found)
        // Before anybody has tried there is a page, but no payment.
        const isTried = status === 'paid' || found.payments.length > 0
        return accept({
          checkout_id: id,
          status,
          ...(isTried ? { payment_id: id } : {}),
          ...withReference(found),
        })
      }),
    expire_checkout: ({ checkout_id: id }) =>
      paddle.do(async () => {
        const page = await paddle.transactions.get(id)
        const isOpen = page.status === 'draft' || page.status === 'ready'
        const now = isOpen ? await paddle.transactions.update(id, { status: 'canceled' }) : page
        return accept({ checkout_id: id, status: pageStatus(now) })
      }),
    get_payment: ({ payment_id: id }) =>
      paddle.do(async () => {
        const found = await paddle.transactions.get(id)
        return accept({
          payment_id: id,
          ...(found.customerId === null ? {} : { customer_id: found.customerId }),
          amount: amountOf(found),
          amount_refunded: await refundedOf(id),
          currency: found.currencyCode.toLowerCase(),
          status: statusOf(found),
          ...withReference(found),
        })
      }),
    list_payments: ({ from, to }) =>
      paddle.do(async () => {
        const payments: object[] = []
        // A page that was made long before may be paid on now.
        const wish = { 'billedAt[GTE]': from, 'billedAt[LT]': to, perPage }
        for await (const one of paddle.transactions.list(wish)) {
          if (payments.length >= mostListed)
            throw new Fault('service_unavailable', 'too many payments at once')
          payments.push({
            payment_id: one.id,
            amount: amountOf(one),
            currency: one.currencyCode.toLowerCase(),
            status: statusOf(one),
            ...withReference(one),
            at: one.billedAt ?? one.createdAt,
          })
        }
        return accept({ payments })
      }),
  }
}

const noPage = refuse(
  'service_unavailable',
  'Paddle has no page to pay on: set a default payment link there, or payment.paddle.checkout_page',
  { reason: 'not_configured' },
)

function isSame({ items, currencyCode }: Transaction, wish: PageWish): boolean {
  const price = items[0]?.price
  if (wish.price_id) return price?.id === wish.price_id
  return price?.unitPrice.amount === String(wish.amount) && currencyCode.toLowerCase() === wish.currency
}
