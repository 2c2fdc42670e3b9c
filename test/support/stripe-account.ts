import type { Clock } from '#ports/clock.ts'

/** Fields as they came in or stand in an object. */
export type Values = Readonly<Record<string, unknown>>
type Thing = Record<string, unknown> & { readonly id: string; readonly object: string }
interface Answer {
  readonly status: number
  readonly content: unknown
}

const ok = (content: unknown): Answer => ({ status: 200, content })
const refused = (message: string, more: Values = {}): Answer => ({
  status: 400,
  content: { error: { type: 'invalid_request_error', message, ...more } },
})
const missing = (id: string): Answer => ({
  status: 404,
  content: {
    error: { type: 'invalid_request_error', code: 'resource_missing', message: `No such object: '${id}'` },
  },
})
const listOf = (data: readonly unknown[], url: string) => ({ object: 'list', data, has_more: false, url })
const whole = (value: unknown): number => Number(value)

/** The objects of one Stripe account: made, charged, given back, and told of. */
export function createStripeAccount(deps: {
  readonly clock: Clock
  readonly tell: (type: string, object: Values) => void
}) {
  const things = new Map<string, Thing>()
  let made = 0
  const now = (): number => Math.floor(deps.clock.now() / 1000)
  const make = (prefix: string, object: string, fields: Values): Thing => {
    made += 1
    const thing = {
      id: `${prefix}_double${made}`,
      object,
      created: now(),
      livemode: false,
      metadata: {},
      ...fields,
    }
    things.set(thing.id, thing)
    return thing
  }
  const find = (id: unknown, object: string): Thing | undefined => {
    const found = things.get(String(id))
    return found?.object === object ? found : undefined
  }

  /** Charges a card: what the number of the card decides is decided at once. */
  function charge(intent: Thing, declined: string | undefined): void {
    if (declined !== undefined) {
      const last_payment_error = { type: 'card_error', code: 'card_declined', decline_code: declined }
      Object.assign(intent, { status: 'requires_payment_method', last_payment_error })
      deps.tell('payment_intent.payment_failed', { ...intent })
      return
    }
    const { amount, currency, customer } = intent
    const fields = { amount, currency, customer, amount_refunded: 0, paid: true, payment_intent: intent.id }
    const made = make('ch', 'charge', { ...fields, status: 'succeeded', captured: true })
    Object.assign(intent, {
      status: 'succeeded',
      amount_received: amount,
      latest_charge: made.id,
      last_payment_error: null,
    })
    deps.tell('payment_intent.succeeded', { ...intent })
  }

  function createIntent(asked: Values): Answer {
    const customer = find(asked['customer'], 'customer')
    if (customer === undefined) return missing(String(asked['customer']))
    const method = find(asked['payment_method'], 'payment_method')
    if (method === undefined) return missing(String(asked['payment_method']))
    const intent = newIntent(
      customer.id,
      whole(asked['amount']),
      String(asked['currency']),
      asked['metadata'],
    )
    const isDeclined = String(customer['email']).startsWith('decline')
    const declined = declines.get(method.id) ?? (isDeclined ? 'generic_decline' : undefined)
    charge(intent, declined)
    if (declined === undefined) return ok(intent)
    const error = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' }
    return { status: 402, content: { error: { ...error, payment_intent: intent } } }
  }

  /** What the banks of cards say to the next charges. */
  const declines = new Map<string, string>()
  const attach = (customerId: unknown, last4: string): Thing => {
    const card = { brand: 'visa', last4, exp_month: 12, exp_year: 2099 }
    const made = make('pm', 'payment_method', { customer: customerId, type: 'card', card })
    deps.tell('payment_method.attached', { ...made })
    return made
  }

  const newIntent = (customer: unknown, amount: number, currency: string, metadata: unknown): Thing =>
    make('pi', 'payment_intent', {
      amount,
      amount_received: 0,
      currency,
      customer,
      metadata: metadata ?? {},
      latest_charge: null,
      last_payment_error: null,
      status: 'requires_payment_method',
    })

  function refund(asked: Values): Answer {
    const intent = find(asked['payment_intent'], 'payment_intent')
    if (intent === undefined) return missing(String(asked['payment_intent']))
    const charged = find(intent['latest_charge'], 'charge')
    if (charged === undefined)
      return refused('This PaymentIntent does not have a successful charge to refund.')
    const left = whole(charged['amount']) - whole(charged['amount_refunded'])
    const amount = asked['amount'] === undefined ? left : whole(asked['amount'])
    if (amount > left || left === 0)
      return refused('Refund amount is greater than unrefunded amount on charge', { param: 'amount' })
    charged['amount_refunded'] = whole(charged['amount_refunded']) + amount
    const fields = { amount, currency: charged['currency'], payment_intent: intent.id, charge: charged.id }
    const metadata = asked['metadata'] ?? {}
    const made = make('re', 'refund', { ...fields, metadata, status: 'succeeded' })
    deps.tell('refund.created', { ...made })
    deps.tell('charge.refunded', { ...charged })
    return ok(made)
  }

  function createSession(asked: Values): Answer {
    if (find(asked['customer'], 'customer') === undefined) return missing(String(asked['customer']))
    const item = (asked['line_items'] as Record<string, Values> | undefined)?.['0']
    const price = item?.['price_data'] as Values | undefined
    const session = make('cs', 'checkout.session', {
      mode: asked['mode'],
      customer: asked['customer'],
      client_reference_id: asked['client_reference_id'] ?? null,
      amount_total: price === undefined ? null : whole(price['unit_amount']),
      currency: price?.['currency'] ?? null,
      payment_intent: null,
      payment_status: 'unpaid',
      status: 'open',
      success_url: asked['success_url'],
      cancel_url: asked['cancel_url'],
      metadata: asked['metadata'] ?? {},
    })
    const data = (asked['payment_intent_data'] as Values | undefined)?.['metadata'] ?? {}
    intentMetadata.set(session.id, data)
    session['url'] = `https://checkout.stripe.com/c/pay/${session.id}`
    return ok(session)
  }
  const intentMetadata = new Map<string, unknown>()

  function subscribe(asked: Values): Answer {
    const customer = find(asked['customer'], 'customer')
    if (customer === undefined) return missing(String(asked['customer']))
    const price = find((asked['items'] as Record<string, Values>)['0']?.['price'], 'price')
    if (price === undefined) return missing('price')
    const items = listOf([{ id: 'si_double', object: 'subscription_item', price }], '/v1/subscription_items')
    const status = asked['trial_period_days'] === undefined ? 'active' : 'trialing'
    return ok(
      make('sub', 'subscription', { customer: customer.id, items, status, cancel_at_period_end: false }),
    )
  }

  function change(subscription: Thing, asked: Values): Answer {
    if (subscription['status'] === 'canceled') return refused('A canceled subscription can only be read.')
    const price = find((asked['items'] as Record<string, Values> | undefined)?.['0']?.['price'], 'price')
    if (price !== undefined)
      subscription['items'] = listOf([{ id: 'si_double', object: 'subscription_item', price }], '/v1')
    if (asked['cancel_at_period_end'] === 'true') subscription['cancel_at_period_end'] = true
    return ok(subscription)
  }

  function customer(asked: Values): Answer {
    const made = make('cus', 'customer', { email: asked['email'], name: asked['name'] ?? null })
    const card = attach(made.id, '4242')
    made['invoice_settings'] = { default_payment_method: card.id }
    return ok(made)
  }

  /** Those of a kind that were made in a time, or belong to a payment, the newest first. */
  function list(object: string, url: string, { created, payment_intent: intent }: Values): Answer {
    const { gte = 0, lt = Number.MAX_SAFE_INTEGER } = (created ?? {}) as Values
    const found = [...things.values()].filter(
      (one) =>
        one.object === object &&
        (intent === undefined || one['payment_intent'] === intent) &&
        whole(one['created']) >= whole(gte) &&
        whole(one['created']) < whole(lt),
    )
    return ok(listOf(found.reverse(), url))
  }

  function expanded(thing: Thing, asked: Values): Thing {
    const isAsked = JSON.stringify(asked['expand'] ?? '').includes('latest_charge')
    return isAsked ? { ...thing, latest_charge: things.get(String(thing['latest_charge'])) ?? null } : thing
  }

  const makers: Readonly<Record<string, (asked: Values) => Answer>> = {
    'GET /v1/balance': () => ok({ object: 'balance', available: [], pending: [], livemode: false }),
    'GET /v1/disputes': (asked) => list('dispute', '/v1/disputes', asked),
    'GET /v1/payment_intents': (asked) => list('payment_intent', '/v1/payment_intents', asked),
    'GET /v1/refunds': (asked) => list('refund', '/v1/refunds', asked),
    'POST /v1/billing_portal/sessions': ({ customer: id, return_url }) =>
      find(id, 'customer') === undefined
        ? missing(String(id))
        : ok(
            make('bps', 'billing_portal.session', {
              customer: id,
              return_url,
              url: `https://billing.stripe.com/p/${id}`,
            }),
          ),
    'POST /v1/checkout/sessions': createSession,
    'POST /v1/customers': customer,
    'POST /v1/payment_intents': createIntent,
    'GET /v1/prices': ({ lookup_keys: keys }) => {
      const wanted = Object.values((keys ?? {}) as Values)
      const found = [...things.values()].filter(
        (one) => one.object === 'price' && wanted.includes(one['lookup_key']),
      )
      return ok(listOf(found, '/v1/prices'))
    },
    'POST /v1/prices': ({ currency, unit_amount, recurring, lookup_key }) =>
      ok(
        make('price', 'price', {
          currency,
          lookup_key: lookup_key ?? null,
          unit_amount: whole(unit_amount),
          recurring,
          type: 'recurring',
          active: true,
        }),
      ),
    'POST /v1/refunds': refund,
    'POST /v1/subscriptions': subscribe,
  }

  function detach(id: string | undefined): Answer {
    const method = find(id, 'payment_method')
    if (method === undefined) return missing(String(id))
    method['customer'] = null
    return ok(method)
  }

  let closesPages = true
  function closePage(id: string): Answer {
    const session = find(id, 'checkout.session')
    if (session?.['status'] !== 'open' || !closesPages)
      return refused('Only Checkout Sessions with a status in ["open"] can be expired.')
    session['status'] = 'expired'
    deps.tell('checkout.session.expired', { ...session })
    return ok(session)
  }

  return {
    tell: deps.tell,
    /** What a customer keeps. */
    cardsOf: (customerId: string): readonly { readonly id: string }[] =>
      [...things.values()].filter((one) => one.object === 'payment_method' && one['customer'] === customerId),
    /** Lets nobody close pages, as when the customer is paying at this moment. */
    keepPagesOpen(): void {
      closesPages = false
    },
    /** A customer takes a card away at Stripe itself. */
    forget: (id: string): void => void detach(id),
    /** Lets the bank of the cards that end so, or of the one with that id, say no from now on; undefined lets it pay again. */
    decline(which: string, code: string | undefined): void {
      for (const { id, object, card } of things.values() as Iterable<Thing & { card?: { last4?: string } }>)
        if (object === 'payment_method' && (id === which || card?.last4 === which))
          code === undefined ? declines.delete(id) : declines.set(id, code)
    },
    /** A payer contests a payment at their bank; `warning_needs_response` is a question that holds no money back. */
    dispute(intentId: string, amount: number, status = 'needs_response'): string {
      const currency = find(intentId, 'payment_intent')?.['currency'] ?? 'usd'
      const made = make('dp', 'dispute', {
        payment_intent: intentId,
        amount,
        currency,
        status,
        reason: 'fraudulent',
      })
      deps.tell('charge.dispute.created', { ...made })
      return made.id
    },
    closeDispute(id: string, status: string): void {
      const found = find(id, 'dispute')
      if (found === undefined) throw new Error(`no dispute ${id}`)
      found['status'] = status
      deps.tell('charge.dispute.closed', { ...found })
    },
    /** Somebody gives money back at Stripe's own desk. */
    refundAtDesk: (intentId: string, amount: number): void =>
      void refund({ payment_intent: intentId, amount }),
    object: (id: string): Values => ({ ...things.get(id) }),
    answer(method: string, path: string, asked: Values): Answer {
      const [, , plural, owner, part] = path.split('/')
      if (plural === 'customers' && part === 'payment_methods')
        return ok(
          listOf(
            [...things.values()].filter(
              (one) => one.object === 'payment_method' && one['customer'] === owner,
            ),
            path,
          ),
        )
      if (plural === 'payment_methods' && part === 'detach') return detach(owner)
      const maker = makers[`${method} ${path}`]
      if (maker !== undefined) return maker(asked)
      if (part !== undefined && path === `/v1/checkout/sessions/${part}/expire`) return closePage(part)
      const thing = things.get(path.split('/').at(-1) ?? '')
      if (thing === undefined) return missing(path.split('/').at(-1) ?? '')
      if (method === 'GET') return ok(expanded(thing, asked))
      if (thing.object === 'price') return ok(Object.assign(thing, { active: asked['active'] !== 'false' }))
      if (thing.object !== 'subscription') return refused('Unrecognized request')
      if (method === 'POST') return change(thing, asked)
      Object.assign(thing, { status: 'canceled' })
      return ok(thing)
    },
    /** The customer pays on a page; `as` is what another amount or currency would be, and the end of the number of another card. */
    pay(
      sessionId: string,
      as: { isDeclined?: boolean; amount?: number; currency?: string; card?: string } = {},
    ): string {
      const session = find(sessionId, 'checkout.session')
      if (session === undefined || session['status'] === 'expired') throw new Error(`no page ${sessionId}`)
      const amount = as.amount ?? whole(session['amount_total'])
      const currency = as.currency ?? String(session['currency'])
      const intent = newIntent(session['customer'], amount, currency, intentMetadata.get(sessionId))
      session['payment_intent'] = intent.id
      charge(intent, as.isDeclined === true ? 'generic_decline' : undefined)
      if (as.card !== undefined && intent['status'] === 'succeeded') attach(session['customer'], as.card)
      if (intent['status'] !== 'succeeded') return intent.id
      Object.assign(session, { status: 'complete', payment_status: 'paid' })
      deps.tell('checkout.session.completed', { ...session })
      return intent.id
    },
    /** The customer leaves a card on a page of that kind, and pays nothing. */
    leaveCard(sessionId: string, last4: string): void {
      const session = find(sessionId, 'checkout.session')
      if (session?.['mode'] !== 'setup' || session['status'] !== 'open')
        throw new Error(`no page ${sessionId}`)
      Object.assign(session, { status: 'complete', payment_status: 'no_payment_required' })
      attach(session['customer'], last4)
      deps.tell('checkout.session.completed', { ...session })
    },
    expire(sessionId: string): void {
      const session = find(sessionId, 'checkout.session')
      if (session === undefined) throw new Error(`no page ${sessionId}`)
      session['status'] = 'expired'
      deps.tell('checkout.session.expired', { ...session })
    },
  }
}
