import { createHmac } from 'node:crypto'
import { expect, onTestFinished } from 'vitest'
import type { Clock } from '#ports/clock.ts'
import { paystackAnswerProblems, paystackRequestProblems } from './paystack-contract.ts'
import { startUpstream } from './upstream.ts'

type Values = Record<string, unknown>
type Answer = readonly [status: number, content: unknown]

/** The key that the double takes and signs with. */
export const paystackKey = 'sk_test_of-the-paystack-double'

/** The value of an `x-paystack-signature` header. */
export const paystackSignature = (raw: string, key = paystackKey): string =>
  createHmac('sha512', key).update(raw).digest('hex')

const ok = (data: unknown): Answer => [200, { status: true, message: 'ok', data }]
const refused = (status: number, message: string): Answer => [status, { status: false, message }]

const pageOf = (rows: readonly Values[], size: string | null, page: string | null): readonly Values[] =>
  rows.slice((Number(page ?? 1) - 1) * Number(size ?? 50)).slice(0, Number(size ?? 50))

/** Whether something was made in the time that a list asks for. */
const madeIn =
  (search: URLSearchParams) =>
  (one: Values): boolean => {
    const at = Date.parse(String(one['createdAt']))
    const [from, to] = [search.get('from'), search.get('to')]
    return (from === null || at >= Date.parse(from)) && (to === null || at < Date.parse(to))
  }

/** Starts the part of Paystack that payments go through, with its answers and its refusals. */
export async function startPaystack(clock: Clock) {
  const upstream = await startUpstream()
  /** Where we, or the double, speak another API than the published one. */
  const broken: string[] = []
  onTestFinished(upstream.close)
  onTestFinished(() => expect(broken).toEqual([]))
  const customers = new Map<string, Values>()
  const plans = new Map<string, Values>()
  const transactions = new Map<string, Values>()
  const subscriptions = new Map<string, Values>()
  const refunds: Values[] = []
  const disputes = new Map<string, Values>()
  let isLost = false
  const messages: string[] = []
  const now = (): string => new Date(clock.now()).toISOString()
  const tell = (event: string, data: Values): void => void messages.push(JSON.stringify({ event, data }))
  const customerBy = (email: unknown) => [...customers.values()].find((one) => one['email'] === email)

  function transact(asked: Values, status: string): Answer {
    const reference = String(asked['reference'])
    if (transactions.has(reference)) return refused(400, 'Duplicate Transaction Reference')
    const customer = customerBy(asked['email'])
    if (customer === undefined) return refused(400, 'Customer not found')
    const made = {
      id: 1000 + transactions.size,
      reference,
      amount: Number(asked['amount']),
      currency: asked['currency'],
      metadata: asked['metadata'] ?? null,
      status,
      customer,
      paid_at: status === 'success' ? now() : null,
      created_at: now(),
    }
    transactions.set(reference, made)
    if (status === 'success') tell('charge.success', made)
    return ok(made)
  }

  function subscribe(asked: Values): Answer {
    const [customer, plan] = [customers.get(String(asked['customer'])), plans.get(String(asked['plan']))]
    if (customer === undefined) return refused(404, 'Customer not found')
    if (plan === undefined) return refused(404, 'Plan not found')
    const subscription_code = `SUB_double${subscriptions.size + 1}`
    const { subscriptions: _own, ...bare } = customer
    const made = {
      subscription_code,
      email_token: `token${subscriptions.size}`,
      status: 'active',
      plan,
      customer: bare,
    }
    subscriptions.set(subscription_code, made)
    ;(customer['subscriptions'] as Values[]).push(made)
    // A new one names its customer and plan by number, one that is read by what they are.
    return ok({ ...made, customer: customer['id'], plan: plan['id'] })
  }

  function refund(asked: Values): Answer {
    const found = [...transactions.values()].find(({ id }) => String(id) === asked['transaction'])
    if (found?.['status'] !== 'success') return refused(400, 'Transaction has not been successful')
    const given = refunds.filter(
      ({ transaction, status }) => transaction === found['id'] && status !== 'failed',
    )
    const left = Number(found['amount']) - given.reduce((sum, { amount }) => sum + Number(amount), 0)
    if (Number(asked['amount']) > left)
      return refused(400, 'Refund amount cannot be more than transaction amount')
    const made = {
      id: refunds.length + 1,
      transaction: found['id'],
      amount: asked['amount'] ?? left,
      currency: found['currency'],
      merchant_note: asked['merchant_note'] ?? '',
      status: 'pending',
      createdAt: now(),
    }
    refunds.push(made)
    return ok({ ...made, transaction: found })
  }

  function makeCustomer({ email, first_name }: Values): Answer {
    const known = customerBy(email)
    if (known !== undefined) return ok(known)
    const customer_code = `CUS_double${customers.size + 1}`
    const card = { brand: 'visa', last4: '4081', exp_month: '12', exp_year: '2099', channel: 'card' }
    const authorizations = [{ authorization_code: `AUTH_${customers.size + 1}`, reusable: true, ...card }]
    const id = customers.size + 1
    const made = { id, customer_code, email, first_name: first_name ?? '', authorizations, subscriptions: [] }
    customers.set(customer_code, made)
    return ok(made)
  }

  const posts: Readonly<Record<string, (asked: Values) => Answer>> = {
    '/customer': makeCustomer,
    '/customer/authorization/deactivate': ({ authorization_code: code }) => {
      for (const one of customers.values())
        one['authorizations'] = (one['authorizations'] as Values[]).filter(
          ({ authorization_code }) => authorization_code !== code,
        )
      return ok(null)
    },
    '/plan': (asked) => {
      const made = { ...asked, id: plans.size + 1, plan_code: `PLN_double${plans.size + 1}` }
      plans.set(made.plan_code, made)
      return ok(made)
    },
    '/subscription': subscribe,
    '/subscription/disable': ({ code, token }) => {
      const found = subscriptions.get(String(code))
      if (found?.['email_token'] !== token || found === undefined)
        return refused(404, 'Subscription not found')
      found['status'] = 'non-renewing'
      return ok(null)
    },
    '/transaction/charge_authorization': (asked) =>
      transact(asked, String(asked['email']).startsWith('decline') ? 'failed' : 'success'),
    '/transaction/initialize': (asked) => {
      const made = transact(asked, 'abandoned')
      if (made[0] !== 200) return made
      const reference = String(asked['reference'])
      return ok({
        authorization_url: `https://checkout.paystack.com/${reference}`,
        access_code: 'a',
        reference,
      })
    },
    '/refund': refund,
  }

  function read(path: string, search: URLSearchParams): Answer {
    const id = decodeURIComponent(path.split('/').at(-1) ?? '')
    if (path === '/balance') return ok([])
    if (path.startsWith('/dispute/')) {
      const one = disputes.get(id)
      return one === undefined ? refused(404, 'Dispute not found') : ok(one)
    }
    if (path.startsWith('/refund/')) {
      const one = refunds.find((refund) => String(refund['id']) === id)
      return one === undefined ? refused(404, 'Refund not found') : ok(one)
    }
    if (path === '/plan') return ok(pageOf([...plans.values()], search.get('perPage'), search.get('page')))
    if (path === '/refund')
      // The published document knows no filter by transaction: a client has to look for itself.
      return ok(pageOf(refunds.filter(madeIn(search)), search.get('perPage'), search.get('page')))
    if (path === '/dispute')
      return ok(
        pageOf([...disputes.values()].filter(madeIn(search)), search.get('perPage'), search.get('page')),
      )
    if (path === '/transaction') {
      const [from, to] = [Date.parse(search.get('from') ?? ''), Date.parse(search.get('to') ?? '')]
      const isIn = (one: Values) =>
        Date.parse(String(one['created_at'])) >= from && Date.parse(String(one['created_at'])) < to
      return ok(pageOf([...transactions.values()].filter(isIn), search.get('per_page'), search.get('page')))
    }
    const table = path.startsWith('/customer/')
      ? customers
      : path.startsWith('/subscription/')
        ? subscriptions
        : transactions
    const isNumber = path.startsWith('/transaction/') && /^\d+$/.test(id)
    const found = isNumber
      ? [...transactions.values()].find((one) => String(one['id']) === id)
      : table.get(id)
    return found === undefined ? refused(404, 'Not found') : ok(found)
  }

  upstream.answer((_request, response, { method, url, headers, body }) => {
    const { pathname, searchParams } = new URL(url, upstream.url)
    const isKnown = headers.authorization === `Bearer ${paystackKey}`
    const post = method === 'POST' ? posts[pathname] : undefined
    const asked = method === 'GET' ? Object.fromEntries(searchParams) : (JSON.parse(body) as Values)
    const problems = paystackRequestProblems(method, pathname, asked)
    const answered = method === 'GET' ? read(pathname, searchParams) : post?.(asked)
    const known = problems.length > 0 ? refused(400, problems.join('; ')) : answered
    const [status, content] = isKnown ? (known ?? refused(404, 'Not found')) : refused(401, 'Invalid key')
    if (status === 200) broken.push(...paystackAnswerProblems(method, pathname, content))
    broken.push(...problems)
    if (isLost && method === 'POST' && pathname !== '/customer') {
      isLost = false
      response.writeHead(502)
      response.end()
      return
    }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(content))
  })
  return {
    url: upstream.url,
    upstream,
    messages,
    tell,
    /** A payer contests a payment; with a resolution the bank has decided. */
    dispute(reference: string, resolution?: 'declined' | 'merchant-accepted'): void {
      const id = 700 + Number(transactions.get(reference)?.['id'])
      const status = resolution === undefined ? 'awaiting-merchant-feedback' : 'resolved'
      const transaction = transactions.get(reference)
      const made = {
        id,
        status,
        resolution: resolution ?? null,
        currency: transaction?.['currency'],
        refund_amount: transaction?.['amount'],
        transaction,
        category: 'fraud',
        createdAt: now(),
      }
      disputes.set(String(id), made)
      tell(`charge.dispute.${resolution === undefined ? 'create' : 'resolve'}`, made)
    },
    /** Somebody gives money back at Paystack's own desk. */
    refundAtDesk(reference: string, amount: number): void {
      refund({ transaction: String(transactions.get(reference)?.['id']), amount })
    },
    /** Does what it is asked to make next, and loses the answer. */
    loseAnswer(): void {
      isLost = true
    },
    /** Paystack has done, or could not do, the refunds that wait. */
    finishRefunds(status: 'processed' | 'failed'): void {
      for (const one of refunds.filter((refund) => refund['status'] === 'pending')) {
        one['status'] = status
        const paid = [...transactions.values()].find(({ id }) => id === one['transaction'])
        tell(`refund.${status}`, { ...one, transaction_reference: paid?.['reference'] })
      }
    },
    /** The customer pays on a page; `as` is what another amount or currency would be. */
    pay(reference: string, as: Values = {}): void {
      const found = transactions.get(reference)
      if (found === undefined) throw new Error(`no page ${reference}`)
      Object.assign(found, { status: 'success', paid_at: now() }, as)
      tell('charge.success', found)
    },
  }
}
