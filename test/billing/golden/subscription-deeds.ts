import { usageEvent } from '#test/usage/usage-events.ts'
import type { Deeds, Hands } from './hands.ts'

/** What becomes of a subscription: it begins, is used, and changes. */
export function subscriptionDeeds(hands: Hands): Deeds {
  const { act, planId, ask, clock } = hands
  return [
    [/^begin$/, () => begin(hands)],
    [
      /^use (\d+)(?: events of (\d+))?(?: at (\S+))?$/,
      ([, count, units, time]) => {
        const atMs = time === undefined ? clock.now() : Date.parse(time)
        return units === undefined
          ? use(hands, 1, Number(count), atMs)
          : use(hands, Number(count), Number(units), atMs)
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
    [/^status (\w+)$/, ([, status]) => ask('PATCH', pathOf(hands), { status })],
    [
      /^is (active|trialing|past_due|paused|cancelled|ended)$/,
      async ([, wanted]) => {
        const { status } = await ask('GET', pathOf(hands))
        if (status !== wanted) throw new Error(`the subscription is ${status}`)
      },
    ],
    [
      /^is answered (\d+)$/,
      async ([, wanted]) => {
        const status = await call(hands)
        if (status !== Number(wanted)) throw new Error(`the gateway answers ${status}`)
      },
    ],
  ]
}

const pathOf = ({ subscriptionId }: Hands): string => `/api/subscriptions/${subscriptionId}`

async function begin(hands: Hands): Promise<void> {
  const { scenario, house, label, ask } = hands
  const { plan, customer, tax } = scenario
  const plan_id = await hands.planId(typeof plan === 'string' ? plan : '')
  const { id: organization_id } = await house.create('organizations', {
    name: label,
    email: `${label}@example.com`,
  })
  hands.organizationId = organization_id
  const [first] = await hands.list<'subscription'>('subscriptions', 'limit=1')
  hands.subscriptionId = first?.id ?? ''
  if (typeof plan === 'object' && plan['billing_anchor'] !== undefined) {
    // Where periods begin is settled when a subscription is made.
    await ask('PATCH', pathOf(hands), { status: 'ended' })
    hands.subscriptionId = (await house.create('subscriptions', { organization_id, plan_id })).id
  } else await ask('PATCH', pathOf(hands), { plan_id })
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

async function use(hands: Hands, events: number, units: number, atMs: number): Promise<void> {
  const { house, label, organizationId, subscriptionId } = hands
  const source = hands.next()
  const batch = Array.from({ length: events }, (_, index) =>
    usageEvent({
      id: `use_${source}_${index}`,
      at: atMs,
      organization_id: organizationId,
      subscription_id: subscriptionId,
      api_key_id: `key_${label}`,
      units,
    }),
  )
  await house.running.house.usageStore.absorb(batch, { segment: source, from: 0, offset: 1 })
}

/** A call through the gateway, by a key that is made for the first one. */
async function call(hands: Hands): Promise<number> {
  const { house, organizationId } = hands
  if (hands.key === '')
    hands.key = (await house.create('api_keys', { organization_id: organizationId, name: 'ci' })).key
  const headers = { authorization: `Bearer ${hands.key}` }
  const answer = await fetch(`${house.running.gatewayUrl}/x`, { headers })
  await answer.text()
  return answer.status
}
