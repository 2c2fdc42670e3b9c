import { createHash } from 'node:crypto'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import { declineCode } from '#domain/payments/decline.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import { anotherAmount, moreThanLeft } from './payment-refusals.ts'
import type { CallPaystack } from './paystack-client.ts'
import { readValues, type Values } from './service-call.ts'

type Actions = ProviderActions<'payment'>

const pageSize = 100
const mostPages = 200

/** Paystack has no idempotency keys, but takes each reference once: the key becomes the reference. */
export const referenceOf = (key: string): string =>
  /^[A-Za-z0-9.=_-]{1,100}$/.test(key) ? key : createHash('sha256').update(key).digest('hex')

const failed = new Set(['failed', 'abandoned', 'reversed'])

function statusOf(word: unknown): 'processing' | 'succeeded' | 'failed' {
  if (word === 'success') return 'succeeded'
  return failed.has(String(word)) ? 'failed' : 'processing'
}

/** How a transaction stands, and what the bank says where it failed. */
function standOf({ status: word, gateway_response: words }: Values) {
  const status = statusOf(word)
  return status === 'failed' && typeof words === 'string'
    ? { status, decline_code: declineCode(words) }
    : { status }
}

/** What we gave along: Paystack gives it back as an object or as its text, by how it was given. */
export function oursOf(metadata: unknown): string | undefined {
  const ours = objectIn(metadata)?.['reference']
  return typeof ours === 'string' ? ours : undefined
}

const objectIn = (metadata: unknown): Values | undefined =>
  typeof metadata === 'string' ? readValues(metadata) : ((metadata ?? undefined) as Values | undefined)

/** A customer's e-mail address and the card that they keep. */
export async function payerOf(
  call: CallPaystack,
  customerId: string,
): Promise<Outcome<{ email: string; authorization: string | undefined }>> {
  const found = await call('GET', `/customer/${encodeURIComponent(customerId)}`)
  if (!found.ok) return found
  const { email, authorizations } = found.value as Values
  const kept = Array.isArray(authorizations) ? (authorizations as Values[]) : []
  const usable = kept.findLast((one) => one['reusable'] === true)?.['authorization_code']
  return accept({ email: String(email), authorization: typeof usable === 'string' ? usable : undefined })
}

/** One-off payments and refunds; amounts are in kobo or the minor unit of their own currency, as Paystack counts. */
export function paystackPayments(call: CallPaystack): Actions {
  const verify = (reference: string) => call('GET', `/transaction/verify/${encodeURIComponent(reference)}`)

  /** Everything of a list that pages. */
  async function listed(
    path: string,
    search: Readonly<Record<string, string>>,
  ): Promise<Outcome<readonly Values[]>> {
    const found: Values[] = []
    for (let page = 1; page <= mostPages; page += 1) {
      const query = new URLSearchParams({ ...search, perPage: String(pageSize), page: String(page) })
      const rows = await call('GET', `${path}?${query}`)
      if (!rows.ok) return rows
      found.push(...(rows.value as Values[]))
      if ((rows.value as Values[]).length < pageSize) return accept(found)
    }
    throw new Fault('service_unavailable', `too much is listed at ${path}`)
  }

  /** Of one transaction: whether the list is cut down to it is not for us to believe. */
  async function refundsOf(transaction: unknown): Promise<Outcome<readonly Values[]>> {
    const rows = await listed('/refund', { transaction: String(transaction) })
    return rows.ok ? accept(rows.value.filter((row) => row['transaction'] === transaction)) : rows
  }

  return {
    async create_payment(wish) {
      const { customer_id: customer, amount, currency, reference: ours, idempotency_key: key } = wish
      const payer = await payerOf(call, customer)
      if (!payer.ok) return payer
      const { email, authorization: last } = payer.value
      const authorization = wish.method_id ?? last
      if (authorization === undefined)
        return refuse('payment_required', 'The customer keeps no card', { reason: 'no_payment_method' })
      const reference = referenceOf(key)
      const charged = await call('POST', '/transaction/charge_authorization', {
        email,
        amount,
        currency: currency.toUpperCase(),
        authorization_code: authorization,
        reference,
        // Here alone Paystack wants a text.
        ...(ours ? { metadata: JSON.stringify({ reference: ours }) } : {}),
      })
      if (charged.ok) return accept({ payment_id: reference, ...standOf(charged.value as Values) })
      if (charged.details?.['reason'] !== 'duplicate') return charged
      const before = await verify(reference)
      if (!before.ok) return before
      const known = before.value as Values
      if (known['amount'] !== amount || String(known['currency']).toLowerCase() !== currency)
        return anotherAmount
      return accept({ payment_id: reference, ...standOf(known) })
    },
    async get_payment({ payment_id: id }) {
      const found = await verify(id)
      if (!found.ok) return found
      const { amount, currency, metadata, customer, id: transaction } = found.value as Values
      const refunds = await refundsOf(transaction)
      if (!refunds.ok) return refunds
      const ours = oursOf(metadata)
      const customerId = (customer as Values | null | undefined)?.['customer_code']
      return accept({
        payment_id: id,
        ...(typeof customerId === 'string' ? { customer_id: customerId } : {}),
        amount: Number(amount),
        amount_refunded: sumOf(refunds.value),
        currency: String(currency).toLowerCase(),
        ...standOf(found.value as Values),
        ...(ours === undefined ? {} : { reference: ours }),
      })
    },
    async list_payments({ from, to }) {
      const payments: object[] = []
      for (let page = 1; ; page += 1) {
        if (page > mostPages) throw new Fault('service_unavailable', 'too many payments at once')
        const query = new URLSearchParams({ from, to, page: String(page), per_page: String(pageSize) })
        const listed = await call('GET', `/transaction?${query}`)
        if (!listed.ok) return listed
        const rows = listed.value as Values[]
        for (const row of rows) {
          const ours = oursOf(row['metadata'])
          payments.push({
            payment_id: row['reference'],
            amount: row['amount'],
            currency: String(row['currency']).toLowerCase(),
            status: statusOf(row['status']),
            ...(ours === undefined ? {} : { reference: ours }),
            at: row['paid_at'] ?? row['created_at'],
          })
        }
        if (rows.length < pageSize) return accept({ payments })
      }
    },
    async list_refunds({ from, to }) {
      const rows = await listed('/refund', { from, to })
      if (!rows.ok) return rows
      const refunds: object[] = []
      for (const transaction of new Set(rows.value.map((row) => row['transaction']))) {
        // A refund names its payment by number, and everything else here by reference.
        const found = await call('GET', `/transaction/${encodeURIComponent(String(transaction))}`)
        if (!found.ok && found.code !== 'not_found') return found
        if (!found.ok) continue
        const payment_id = String((found.value as Values)['reference'])
        for (const row of rows.value)
          if (row['transaction'] === transaction) refunds.push({ refund_id: String(row['id']), payment_id })
      }
      return accept({ refunds })
    },
    async list_disputes({ from, to }) {
      const rows = await listed('/dispute', { from, to })
      return rows.ok ? accept({ disputes: rows.value.map(({ id }) => ({ dispute_id: String(id) })) }) : rows
    },
    async get_dispute({ dispute_id: id }) {
      const found = await call('GET', `/dispute/${encodeURIComponent(id)}`)
      if (!found.ok) return found
      const { transaction, refund_amount, status, resolution, category } = found.value as Values
      const { reference, amount, currency } = transaction as Values
      // Who does not accept a claim, and whom the bank believes, keeps the money.
      const decided = resolution === 'declined' ? 'won' : 'lost'
      return accept({
        dispute_id: id,
        payment_id: String(reference),
        amount: Number(refund_amount ?? amount),
        currency: String(currency).toLowerCase(),
        status: status === 'resolved' ? decided : 'open',
        reason: String(category ?? ''),
      })
    },
    async get_refund({ refund_id: id }) {
      const found = await call('GET', `/refund/${encodeURIComponent(id)}`)
      return found.ok ? accept(refundOf(found.value as Values)) : found
    },
    async refund_payment({ payment_id: id, amount, idempotency_key: key }) {
      const found = await verify(id)
      if (!found.ok) return found
      const transaction = found.value as Values
      const before = await refundsOf(transaction['id'])
      if (!before.ok) return before
      const note = referenceOf(key)
      const same = before.value.find((one) => one['merchant_note'] === note)
      if (same !== undefined && amount && amount !== same['amount']) return anotherAmount
      if (same !== undefined) return accept(refundOf(same))
      const left = Number(transaction['amount']) - sumOf(before.value)
      const given = amount ?? left
      if (given < 1 || given > left) return moreThanLeft(left)
      const wish = { transaction: String(transaction['id']), amount: given, merchant_note: note }
      const made = await call('POST', '/refund', wish)
      return made.ok ? accept(refundOf(made.value as Values)) : made
    },
  }
}

const sumOf = (refunds: readonly Values[]): number =>
  refunds.filter(({ status }) => status !== 'failed').reduce((sum, { amount }) => sum + Number(amount), 0)

const refundOf = ({ id, amount, status }: Values) => ({
  refund_id: String(id),
  amount: Number(amount),
  status: String(status),
})
