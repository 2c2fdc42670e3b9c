import type { Rows } from '#contract/rows.gen.ts'
import { stripeSignature } from '#test/support/stripe-double.ts'
import type { Deeds, Hands } from './hands.ts'
import { minorOf } from './show-invoice.ts'

/** What customers, their banks and the provider do about payments; each is told by the provider's own messages. */
export function paymentDeeds(hands: Hands): Deeds {
  const { ask, house, stripe } = hands
  return [
    // A card of the operator's own database, which no provider knows.
    [
      /^card$/,
      () => house.create('payment_methods', { organization_id: hands.organizationId, provider: 'dummy' }),
    ],
    [/^pays on a page$/, () => payOnPage(hands)],
    [
      /^pays ([\d.]+) (\w+) on a page$/,
      ([, amount = '', currency = '']) =>
        payOnPage(hands, { amount: minorOf(amount, currency), currency: currency.toLowerCase() }),
    ],
    [/^is declined on a page$/, () => payOnPage(hands, { isDeclined: true })],
    [/^the bank says (\w+)$/, ([, code]) => decide(hands, code)],
    [/^the bank pays again$/, () => decide(hands, undefined)],
    [
      /^pays by the card$/,
      async () => {
        const { id: invoiceId } = await payable(hands)
        const done = await house.running.house.payments.methods.pay(hands.organizationId, { invoiceId })
        if (!done.ok) throw new Error(done.message)
      },
    ],
    [
      /^the card is the default again$/,
      async () => {
        await ask('POST', `/api/payment_methods/${(await cardOf(hands)).id}/make_default`, {})
        await house.running.settle()
      },
    ],
    [
      /^removes the card$/,
      async () => {
        await ask('POST', `/api/payment_methods/${(await cardOf(hands)).id}/remove`, {})
        await house.running.settle()
      },
    ],
    [
      /^given back ([\d.]+|the rest)$/,
      async ([, amount = '']) => {
        const { id, currency } = await paidPayment(hands)
        const body = amount === 'the rest' ? {} : { amount: minorOf(amount, currency) }
        await ask('POST', `/api/payments/${id}/refund`, { ...body, reason: 'An outage' })
        await house.running.settle()
      },
    ],
    [
      /^refused: given back ([\d.]+)$/,
      async ([, amount = '']) => {
        const { id, currency } = await paidPayment(hands)
        const body = { amount: minorOf(amount, currency) }
        const answer = await house.api('POST', `/api/payments/${id}/refund`, body)
        if (answer.status < 400) throw new Error('it was not refused')
      },
    ],
    [
      /^given back ([\d.]+) at the provider$/,
      async ([, amount = '']) => {
        const payment = await paidPayment(hands)
        const intent = await externalId(hands, 'payment', payment.id)
        stripe.refundAtDesk(intent, minorOf(amount, payment.currency))
        await tell(hands, 'charge.refunded')
      },
    ],
    ...disputeDeeds(hands),
  ]
}

function disputeDeeds(hands: Hands): Deeds {
  const { stripe } = hands
  let dispute = ''
  return [
    [
      /^contests ([\d.]+)$/,
      async ([, amount = '']) => {
        const payment = await paidPayment(hands)
        const intent = await externalId(hands, 'payment', payment.id)
        dispute = stripe.dispute(intent, minorOf(amount, payment.currency))
        await tell(hands, 'charge.dispute.created')
      },
    ],
    [
      /^the dispute is (won|lost)$/,
      async ([, end = '']) => {
        stripe.closeDispute(dispute, end)
        await tell(hands, 'charge.dispute.closed')
      },
    ],
  ]
}

async function payable({ list }: Hands): Promise<Rows['invoice']> {
  for (const status of ['overdue', 'open']) {
    const [found] = await list<'invoice'>('invoices', `status=${status}&sort=sequence&limit=1`)
    if (found !== undefined) return found
  }
  throw new Error('nothing has to be paid')
}

async function paidPayment({ list }: Hands): Promise<Rows['payment']> {
  const payments = await list<'payment'>('payments', 'sort=-created_at&limit=20')
  const found = payments.find(({ status }) => status === 'succeeded' || status === 'flagged')
  if (found === undefined) throw new Error('nothing was paid')
  return found
}

async function cardOf({ list }: Hands): Promise<Rows['payment_method']> {
  const [card] = await list<'payment_method'>('payment_methods', 'status=active&limit=1')
  if (card === undefined) throw new Error('there is no card')
  return card
}

/** What the provider calls something of ours. */
async function externalId({ house }: Hands, entity: string, localId: string): Promise<string> {
  const { items } = await house.running.house.engine.records.list('provider_mapping', {
    where: [
      { field: 'entity_type', op: 'eq', value: entity },
      { field: 'local_id', op: 'eq', value: localId },
    ],
  })
  return items[0]?.external_id ?? ''
}

/** The last message of a kind comes in, twice as ever, and what it leads to is done. */
async function tell({ house, clock, stripe }: Hands, type: string): Promise<void> {
  const { raw } = stripe.message(type)
  for (const _ of [1, 2]) {
    const signature = stripeSignature(raw, clock.now())
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
    const answer = await fetch(`${house.url}/webhooks/stripe`, { method: 'POST', headers, body: raw })
    if (answer.status !== 200) throw new Error(`the message is answered ${answer.status}`)
  }
  await house.running.settle()
}

/** The oldest invoice that has to be paid is paid on a page, or not as it was asked for. */
async function payOnPage(
  hands: Hands,
  as: { isDeclined?: boolean; amount?: number; currency?: string } = {},
): Promise<void> {
  const { house, stripe, organizationId } = hands
  const { id: invoiceId } = await payable(hands)
  const offered = await house.running.house.payments.initiate({ organizationId, invoiceId })
  if (!offered.ok) throw new Error(offered.message)
  stripe.pay(await externalId(hands, 'checkout', offered.value.payment.id), as)
  await tell(hands, as.isDeclined === true ? 'payment_intent.payment_failed' : 'checkout.session.completed')
}

/** What the bank says to the next charges of the cards that are kept. */
async function decide(hands: Hands, code: string | undefined): Promise<void> {
  for (const { id } of await hands.list<'payment_method'>('payment_methods', 'limit=20'))
    hands.stripe.decline(await externalId(hands, 'payment_method', id), code)
}
