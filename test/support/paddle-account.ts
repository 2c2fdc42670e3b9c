import type {
  IAdjustmentResponse,
  ICustomerResponse,
  IPriceResponse,
  ISubscriptionResponse,
  ITransactionPaymentAttemptResponse,
  ITransactionResponse,
  ITransactionTotalsResponse,
} from '@paddle/paddle-node-sdk'
import type { Clock } from '#ports/clock.ts'

/** Fields as they came in. */
export type Values = Readonly<Record<string, unknown>>
/** What the double answers. */
export type PaddleAnswer = readonly [status: number, content: unknown]
type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Totals = ITransactionTotalsResponse

const one = (data: unknown): PaddleAnswer => [200, { data, meta: { request_id: 'double' } }]
const made = (data: unknown): PaddleAnswer => [201, { data, meta: { request_id: 'double' } }]

/** A refusal in Paddle's form. */
export const paddleError = (status: number, code: string, detail: string): PaddleAnswer => [
  status,
  {
    error: {
      type: 'request_error',
      code,
      detail,
      documentation_url: `https://developer.paddle.com/errors/${code}`,
    },
    meta: { request_id: 'double' },
  },
]

/** The objects of one Paddle account, in the shapes of Paddle's own library: made, paid with the customer's tax on top, given back. */
export function createPaddleAccount(deps: {
  readonly clock: Clock
  readonly tell: (type: string, data: object) => void
}) {
  let count = 0
  const now = (): string => new Date(deps.clock.now()).toISOString()
  const next = (prefix: string): string => {
    count += 1
    return `${prefix}_${String(count).padStart(26, '0')}`
  }
  const customers = new Map<string, ICustomerResponse>()
  const products = new Map<string, { id: string }>()
  const prices = new Map<string, IPriceResponse>()
  const transactions = new Map<string, Mutable<ITransactionResponse>>()
  const adjustments = new Map<string, IAdjustmentResponse>()
  const subscriptions = new Map<string, Mutable<ISubscriptionResponse>>()
  /** What Paddle finds out about a customer when they say where they are. */
  const account = { taxPercent: 0, approvesRefunds: true, hasPaymentLink: true }

  function totalsOf(amount: number, currency: string, taxPercent: number): Totals {
    const tax = Math.round((amount * taxPercent) / 100)
    const total = String(amount + tax)
    return {
      subtotal: String(amount),
      discount: '0',
      tax: String(tax),
      total,
      credit: '0',
      credit_to_balance: '0',
      balance: total,
      grand_total: total,
      grand_total_tax: String(tax),
      fee: null,
      earnings: null,
      currency_code: currency as Totals['currency_code'],
    }
  }

  const detailsOf = (price: IPriceResponse, taxPercent: number): ITransactionResponse['details'] => {
    const { amount, currency_code } = price.unit_price
    const { subtotal, discount, tax, total, ...rest } = totalsOf(Number(amount), currency_code, taxPercent)
    const item = { id: next('txnitm'), price_id: price.id, quantity: 1, tax_rate: String(taxPercent / 100) }
    return {
      tax_rates_used: [],
      totals: { subtotal, discount, tax, total, ...rest },
      line_items: [{ ...item, totals: { subtotal, discount, tax, total } }],
    }
  }

  function newPrice(asked: Values, productId: string): IPriceResponse {
    const {
      name = null,
      description,
      unit_price,
      billing_cycle = null,
      tax_mode,
      quantity,
      custom_data,
    } = asked
    return {
      id: next('pri'),
      product_id: productId,
      description: String(description),
      type: 'custom',
      name: name as string | null,
      billing_cycle: billing_cycle as IPriceResponse['billing_cycle'] & object,
      trial_period: null,
      tax_mode: tax_mode as IPriceResponse['tax_mode'],
      unit_price: unit_price as IPriceResponse['unit_price'],
      unit_price_overrides: [],
      quantity: quantity as IPriceResponse['quantity'],
      status: 'active',
      created_at: now(),
      updated_at: now(),
      custom_data: (custom_data ?? null) as object | null,
    }
  }

  function createTransaction(asked: Values): PaddleAnswer {
    const customer = customers.get(String(asked['customer_id']))
    if (customer === undefined) return paddleError(400, 'transaction_customer_not_found', 'no such customer')
    const item = (asked['items'] as Values[])[0] ?? {}
    const inline = item['price'] as Values | undefined
    const price = inline === undefined ? prices.get(String(item['price_id'])) : newPrice(inline, next('pro'))
    if (price === undefined) return paddleError(400, 'transaction_price_not_found', 'no such price')
    const page =
      (asked['checkout'] as Values | undefined)?.['url'] ??
      (account.hasPaymentLink ? 'https://pay.example.com/' : null)
    const id = next('txn')
    const transaction: Mutable<ITransactionResponse> = {
      id,
      status: 'ready',
      customer_id: customer.id,
      address_id: null,
      business_id: null,
      custom_data: (asked['custom_data'] ?? null) as object | null,
      currency_code: price.unit_price.currency_code,
      origin: 'api',
      subscription_id: null,
      invoice_id: null,
      invoice_number: null,
      collection_mode: 'automatic',
      discount_id: null,
      billing_details: null,
      billing_period: null,
      items: [{ price_id: price.id, price, quantity: 1, proration: null }],
      details: detailsOf(price, 0) ?? null,
      payments: [],
      checkout: { url: page === null ? null : `${String(page)}?_ptxn=${id}` },
      created_at: now(),
      updated_at: now(),
      billed_at: null,
      revised_at: null,
    }
    transactions.set(id, transaction)
    deps.tell('transaction.created', { ...transaction })
    return made(transaction)
  }

  const attempt = (amount: string, status: 'captured' | 'error'): ITransactionPaymentAttemptResponse => ({
    payment_attempt_id: next('pay'),
    stored_payment_method_id: next('spm'),
    payment_method_id: null,
    amount,
    status,
    error_code: status === 'error' ? 'declined' : null,
    created_at: now(),
    captured_at: status === 'captured' ? now() : null,
  })

  /** The customer pays on the page; `as` is what a discount, another currency or a declined card would make of it. */
  function pay(id: string, as: { isDeclined?: boolean; amount?: number; currency?: string } = {}): string {
    const found = transactions.get(id)
    if (found === undefined) throw new Error(`no page ${id}`)
    if (found.status === 'completed') return id
    if (found.status === 'canceled') throw new Error(`the page ${id} is closed`)
    const price = found.items[0]?.price
    if (price === undefined || price === null) throw new Error('no price')
    const currency = (as.currency ??
      price.unit_price.currency_code) as IPriceResponse['unit_price']['currency_code']
    const amount = String(as.amount ?? price.unit_price.amount)
    found.details =
      detailsOf({ ...price, unit_price: { amount, currency_code: currency } }, account.taxPercent) ?? null
    found.currency_code = currency
    const total = found.details?.totals?.total ?? '0'
    const isDeclined = as.isDeclined ?? customers.get(String(found.customer_id))?.email.startsWith('decline')
    found.payments = [attempt(total, isDeclined ? 'error' : 'captured'), ...found.payments]
    found.updated_at = now()
    if (isDeclined) {
      deps.tell('transaction.payment_failed', { ...found })
      return id
    }
    Object.assign(found, {
      status: 'paid',
      invoice_id: next('inv'),
      invoice_number: `1-${count}`,
      billed_at: now(),
    })
    deps.tell('transaction.paid', { ...found })
    found.status = 'completed'
    if (price.billing_cycle) found.subscription_id = subscribe(found, price)
    deps.tell('transaction.completed', { ...found })
    return id
  }

  function subscribe(transaction: ITransactionResponse, price: IPriceResponse): string {
    const id = next('sub')
    subscriptions.set(id, {
      id,
      status: 'active',
      customer_id: String(transaction.customer_id),
      address_id: next('add'),
      business_id: null,
      currency_code: price.unit_price.currency_code,
      created_at: now(),
      updated_at: now(),
      started_at: now(),
      collection_mode: 'automatic',
      billing_cycle: price.billing_cycle ?? { interval: 'month', frequency: 1 },
      scheduled_change: null,
      management_urls: null,
      items: [itemOf(price)],
      custom_data: transaction.custom_data ?? null,
    })
    deps.tell('subscription.created', { ...subscriptions.get(id) })
    return id
  }

  const itemOf = (price: IPriceResponse): ISubscriptionResponse['items'][number] => ({
    status: 'active',
    quantity: 1,
    recurring: true,
    created_at: now(),
    updated_at: now(),
    previously_billed_at: null,
    next_billed_at: null,
    trial_dates: null,
    price,
    product: { id: price.product_id } as ISubscriptionResponse['items'][number]['product'],
  })

  function adjust(asked: Values): PaddleAnswer {
    const transaction = transactions.get(String(asked['transaction_id']))
    if (transaction?.status !== 'completed')
      return paddleError(400, 'adjustment_transaction_invalid_status_for_refund', 'it is not completed')
    const own = [...adjustments.values()].filter(({ transaction_id }) => transaction_id === transaction.id)
    if (own.some(({ status }) => status === 'pending_approval'))
      return paddleError(400, 'adjustment_pending_refund_request', 'there is a pending refund request')
    const totals = transaction.details?.totals
    const item = (asked['items'] as Values[] | undefined)?.[0]
    const isFull = asked['type'] === 'full'
    if (
      !isFull &&
      (asked['tax_mode'] !== 'external' || item?.['item_id'] !== transaction.details?.line_items[0]?.id)
    )
      return paddleError(400, 'adjustment_invalid_item', 'the item is not of this transaction')
    const amount = isFull ? Number(totals?.subtotal) : Number(item?.['amount'])
    const given = own.reduce((sum, { totals: { subtotal } }) => sum + Number(subtotal), 0)
    if (!(amount > 0) || amount + given > Number(totals?.subtotal))
      return paddleError(400, 'adjustment_amount_above_remaining_allowed', 'more than is left')
    const status = account.approvesRefunds ? 'approved' : 'pending_approval'
    return made(newAdjustment(transaction, { ...asked, status, type: isFull ? 'full' : 'partial' }, amount))
  }

  function newAdjustment(transaction: ITransactionResponse, asked: Values, amount: number) {
    const totals = transaction.details?.totals
    const tax = Math.round((amount * Number(totals?.tax)) / Number(totals?.subtotal))
    const adjustment: IAdjustmentResponse = {
      id: next('adj'),
      action: asked['action'] as IAdjustmentResponse['action'],
      type: asked['type'] as IAdjustmentResponse['type'],
      transaction_id: transaction.id,
      subscription_id: null,
      customer_id: String(transaction.customer_id),
      reason: String(asked['reason']),
      credit_applied_to_balance: false,
      currency_code: transaction.currency_code,
      status: asked['status'] as IAdjustmentResponse['status'],
      items: [],
      totals: {
        subtotal: String(amount),
        tax: String(tax),
        total: String(amount + tax),
        fee: '0',
        retained_fee: '0',
        earnings: '0',
        currency_code: transaction.currency_code as IAdjustmentResponse['totals']['currency_code'],
      },
      created_at: now(),
      updated_at: now(),
    }
    adjustments.set(adjustment.id, adjustment)
    deps.tell('adjustment.created', { ...adjustment })
    return adjustment
  }

  /** The payer of a transaction contests it at their bank: all of it. */
  function contest(
    transactionId: string,
    action: 'chargeback' | 'chargeback_warning' = 'chargeback',
  ): string {
    const transaction = transactions.get(transactionId)
    if (transaction === undefined) throw new Error(`no transaction ${transactionId}`)
    const asked = { action, type: 'full', status: 'approved', reason: 'Chargeback: fraudulent' }
    return newAdjustment(transaction, asked, Number(transaction.details?.totals?.subtotal)).id
  }

  /** Paddle has won: another adjustment takes back what the first one took. */
  function reverse(id: string): void {
    const found = adjustments.get(id)
    const transaction = transactions.get(String(found?.transaction_id))
    if (found === undefined || transaction === undefined) throw new Error(`no chargeback ${id}`)
    adjustments.set(id, { ...found, status: 'reversed' })
    deps.tell('adjustment.updated', { ...found, status: 'reversed' })
    const asked = { action: `${found.action}_reverse`, type: 'full', status: 'approved', reason: 'Won' }
    newAdjustment(transaction, asked, Number(found.totals.subtotal))
  }

  function createCustomer({ email, name }: Values): PaddleAnswer {
    const known = [...customers.values()].find((customer) => customer.email === email)
    if (known !== undefined)
      return paddleError(
        409,
        'customer_already_exists',
        `customer email conflicts with customer of id ${known.id}`,
      )
    const customer: ICustomerResponse = {
      id: next('ctm'),
      name: (name ?? null) as string | null,
      email: String(email),
      marketing_consent: false,
      status: 'active',
      custom_data: null,
      locale: 'en',
      created_at: now(),
      updated_at: now(),
    }
    customers.set(customer.id, customer)
    return made(customer)
  }

  function changeSubscription(
    id: string,
    change: (found: Mutable<ISubscriptionResponse>) => void,
  ): PaddleAnswer {
    const found = subscriptions.get(id)
    if (found === undefined) return missing
    if (found.status === 'canceled')
      return paddleError(
        400,
        'subscription_update_when_canceled',
        'a canceled subscription cannot be updated',
      )
    change(found)
    deps.tell('subscription.updated', { ...found })
    return one(found)
  }

  /** Paddle has looked at a refund, and gives it back. */
  function approve(id: string): void {
    const found = adjustments.get(id)
    if (found === undefined) throw new Error(`no refund ${id}`)
    adjustments.set(id, { ...found, status: 'approved' })
    deps.tell('adjustment.updated', { ...found, status: 'approved' })
  }

  const tables = { customers, prices, transactions, subscriptions, adjustments, products }

  return {
    account,
    pay,
    approve,
    contest,
    reverse,
    transactions,
    subscriptions,
    /** Everything of a kind, the newest first. */
    all: (kind: keyof typeof tables): readonly Values[] =>
      ([...tables[kind].values()] as unknown as Values[]).toReversed(),
    read(kind: keyof typeof tables, id: string): PaddleAnswer {
      const found = tables[kind].get(id)
      return found === undefined ? missing : one(found)
    },
    post: {
      customers: createCustomer,
      products: (asked: Values) => {
        const product = { id: next('pro'), ...asked }
        products.set(product.id, product)
        return made(product)
      },
      prices: (asked: Values) => {
        if (!products.has(String(asked['product_id']))) return missing
        const price = newPrice(asked, String(asked['product_id']))
        prices.set(price.id, price)
        return made(price)
      },
      transactions: createTransaction,
      adjustments: adjust,
    } as Readonly<Record<string, (asked: Values) => PaddleAnswer>>,
    prices,
    setPrice: (id: string, asked: Values): PaddleAnswer => {
      const found = prices.get(id)
      if (found === undefined) return missing
      const status = asked['status'] as IPriceResponse['status']
      prices.set(id, { ...found, status })
      return one({ ...found, status })
    },
    portal: (customerId: string): PaddleAnswer =>
      customers.has(customerId)
        ? made({
            id: next('cpls'),
            customer_id: customerId,
            urls: {
              general: { overview: `https://customer-portal.paddle.com/${customerId}` },
              subscriptions: [],
            },
            created_at: now(),
          })
        : missing,
    /** A page that is ready is taken back; nothing else of a transaction is changed here. */
    close(id: string, { status }: Values): PaddleAnswer {
      const found = transactions.get(id)
      if (found === undefined) return missing
      if (status !== 'canceled' || found.status !== 'ready')
        return paddleError(400, 'transaction_invalid_status_change', 'only what is ready can be canceled')
      Object.assign(found, { status: 'canceled', updated_at: now() })
      deps.tell('transaction.canceled', { ...found })
      return one(found)
    },
    change: (id: string, asked: Values) =>
      changeSubscription(id, (found) => {
        const price = prices.get(String((asked['items'] as Values[])[0]?.['price_id']))
        if (price !== undefined) found.items = [itemOf(price)]
      }),
    cancel: (id: string, asked: Values) =>
      changeSubscription(id, (found) => {
        if (asked['effective_from'] === 'immediately') found.status = 'canceled'
        else found.scheduled_change = { action: 'cancel', effective_at: now(), resume_at: null }
      }),
  }
}

const missing = paddleError(404, 'not_found', 'no such entity')
