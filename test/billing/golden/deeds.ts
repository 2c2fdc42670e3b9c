import type { Rows } from '#contract/rows.gen.ts'
import type { FrozenClock } from '#test/support/frozen-clock.ts'
import type { TestHouse } from '#test/support/start-house.ts'
import { usageEvent } from '#test/usage/usage-events.ts'
import type { Fields, Scenario } from './scenario.ts'
import { minorOf } from './show-invoice.ts'

/** A story on its way, in an instance. */
export interface Story {
  readonly organizationId: string
  readonly subscriptionId: string
  carryOut(deed: string): Promise<void>
  /** After its end nothing is billed any more. */
  leave(): Promise<void>
}

type Deed = (words: RegExpMatchArray) => Promise<unknown>

let stories = 0
let batches = 0

/** Makes a story's hands: each deed is what an operator or customer does over the API, and usage is what the gateway has metered. */
export function beginStory(house: TestHouse, clock: FrozenClock, scenario: Scenario): Story {
  stories += 1
  const label = `golden-${stories}`
  const plans = new Map<string, string>()
  const at = { organizationId: '', subscriptionId: '' }
  let payments = 0

  async function ask(method: string, path: string, body?: object): Promise<Fields> {
    const answer = await house.api(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body.data
  }
  const list = async <M extends keyof Rows>(plural: string, query: string): Promise<Rows[M][]> =>
    (await ask('GET', `/api/${plural}?organization_id=${at.organizationId}&${query}`)) as unknown as Rows[M][]
  const act = (action: string, body: object = {}) =>
    ask('POST', `/api/subscriptions/${at.subscriptionId}/${action}`, body)

  async function planId(name: string): Promise<string> {
    const known = plans.get(name)
    if (known !== undefined) return known
    const fields = name === '' ? scenario.plan : scenario.plans?.[name]
    const id =
      typeof fields === 'object'
        ? (await house.create('plans', { requests_per_month: -1, ...fields, name: `${label} ${name}` })).id
        : ((await ask('GET', `/api/plans?name=${name}`)) as unknown as { id: string }[])[0]?.id
    if (id === undefined) throw new Error(`there is no plan ${name}`)
    plans.set(name, id)
    return id
  }

  async function begin(): Promise<void> {
    const { plan, customer, tax } = scenario
    const plan_id = await planId(typeof plan === 'string' ? plan : '')
    const { id: organization_id } = await house.create('organizations', {
      name: label,
      email: `${label}@example.com`,
    })
    at.organizationId = organization_id
    const [first] = await list<'subscription'>('subscriptions', 'limit=1')
    at.subscriptionId = first?.id ?? ''
    const path = `/api/subscriptions/${at.subscriptionId}`
    if (typeof plan === 'object' && plan['billing_anchor'] !== undefined) {
      // Where periods begin is settled when a subscription is made.
      await ask('PATCH', path, { status: 'ended' })
      at.subscriptionId = (await house.create('subscriptions', { organization_id, plan_id })).id
    } else await ask('PATCH', path, { plan_id })
    if (customer !== undefined) {
      const { tax_exempt, payment_terms_days, ...profile } = customer
      const { id } = await house.create('billing_profiles', { organization_id, ...profile })
      if (tax_exempt !== undefined || payment_terms_days !== undefined)
        await ask('POST', `/api/billing_profiles/${id}/set_terms`, {
          ...(tax_exempt === undefined ? {} : { tax_exempt }),
          ...(payment_terms_days === undefined ? {} : { payment_terms_days }),
        })
    }
    if (tax !== undefined) await house.create('tax_rates', { ...tax, organization_id })
  }

  async function use(events: number, units: number, atMs: number): Promise<void> {
    batches += 1
    const batch = Array.from({ length: events }, (_, index) =>
      usageEvent({
        id: `use_${label}_${batches}_${index}`,
        at: atMs,
        organization_id: at.organizationId,
        subscription_id: at.subscriptionId,
        api_key_id: `key_${label}`,
        units,
      }),
    )
    await house.running.house.usageStore.absorb(batch, { segment: `golden-${batches}`, from: 0, offset: 1 })
  }

  async function pay(): Promise<void> {
    for (const status of ['open', 'overdue'])
      for (const { id, amount_due: amount, currency } of await list<'invoice'>(
        'invoices',
        `status=${status}`,
      )) {
        payments += 1
        const payment_id = `${label}-${payments}`
        await ask('POST', `/admin/billing/invoices/${id}/settle`, { payment_id, amount, currency })
      }
  }

  async function lastInvoice(): Promise<Rows['invoice']> {
    const [last] = await list<'invoice'>('invoices', 'sort=-sequence&limit=1')
    if (last === undefined) throw new Error('there is no invoice')
    return last
  }

  const deeds: readonly (readonly [RegExp, Deed])[] = [
    [/^begin$/, begin],
    [/^settle up$/, async () => (scenario.unpaid === true ? undefined : pay())],
    [
      /^use (\d+)(?: events of (\d+))?(?: at (\S+))?$/,
      ([, count, units, time]) => {
        const atMs = time === undefined ? clock.now() : Date.parse(time)
        return units === undefined ? use(1, Number(count), atMs) : use(Number(count), Number(units), atMs)
      },
    ],
    [/^plan (\S+)$/, async ([, name = '']) => act('change_plan', { plan_id: await planId(name) })],
    [/^next plan (\S+)$/, async ([, name = '']) => act('schedule_plan', { plan_id: await planId(name) })],
    [/^(keep_plan|cancel|pause|resume)$/, ([, action = '']) => act(action)],
    [/^coupon (\S+)$/, ([, code]) => act('redeem_coupon', { code })],
    [
      /^the plan (\S+) costs (\d+)$/,
      async ([, name = '', price_monthly]) =>
        ask('PATCH', `/api/plans/${await planId(name)}`, { price_monthly: Number(price_monthly) }),
    ],
    [
      /^card$/,
      () => house.create('payment_methods', { organization_id: at.organizationId, provider: 'dummy' }),
    ],
    [
      /^given ([\d.]+) (\w+)(?: priority (\d+))?(?: until (\S+))?$/,
      ([, amount = '', currency = '', priority, expires_at]) =>
        ask('POST', '/admin/billing/credits', {
          organization_id: at.organizationId,
          amount: minorOf(amount, currency),
          currency,
          ...(priority === undefined ? {} : { priority: Number(priority) }),
          ...(expires_at === undefined ? {} : { expires_at }),
        }),
    ],
    [
      /^buys ([\d.]+) (\w+)$/,
      async ([, amount = '', currency = '']) => {
        batches += 1
        const sold = await house.running.house.billing.credit.sell({
          organizationId: at.organizationId,
          origin: `golden-${batches}`,
          currency,
          amountMinor: BigInt(minorOf(amount, currency)),
        })
        if (!sold.ok) throw new Error(sold.message)
      },
    ],
    [/^pays$/, pay],
    [
      /^taken back ([\d.]+)$/,
      async ([, amount = '']) => {
        const { id, currency } = await lastInvoice()
        const body = { amount: minorOf(amount, currency), reason: 'An outage' }
        await ask('POST', `/admin/billing/invoices/${id}/credit-note`, body)
      },
    ],
    [
      /^(void|write-off)$/,
      async ([, action]) => ask('POST', `/admin/billing/invoices/${(await lastInvoice()).id}/${action}`, {}),
    ],
    [
      /^refused: pays ([\d.]+) (\w+)$/,
      async ([, amount = '', currency = '']) => {
        const { id } = await lastInvoice()
        const body = { payment_id: `${label}-wrong`, amount: minorOf(amount, currency), currency }
        const answer = await house.api('POST', `/admin/billing/invoices/${id}/settle`, body)
        if (answer.status < 400) throw new Error('it was not refused')
      },
    ],
    [/^status (\w+)$/, ([, status]) => ask('PATCH', `/api/subscriptions/${at.subscriptionId}`, { status })],
  ]

  return {
    get organizationId() {
      return at.organizationId
    },
    get subscriptionId() {
      return at.subscriptionId
    },
    async carryOut(text) {
      for (const [pattern, deed] of deeds) {
        const words = text.match(pattern)
        if (words !== null) return void (await deed(words))
      }
      throw new Error(`nobody knows how to do "${text}"`)
    },
    async leave() {
      const path = `/api/subscriptions/${at.subscriptionId}`
      if ((await ask('GET', path))['status'] !== 'ended') await ask('PATCH', path, { status: 'ended' })
    },
  }
}
