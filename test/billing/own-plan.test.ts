import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccountHouse, password, startAccounts } from '#test/accounts/account-house.ts'

let house: AccountHouse
let people = 0
beforeAll(async () => {
  house = await startAccounts()
  house.clock.set('2026-11-01T00:00:00.000Z')
  await house.create('plans', {
    name: 'team',
    price_monthly: 2000,
    trial_days: 10,
    requests_per_month: -1,
    entitlements: { max_seats: 5 },
  })
  await house.create('plans', { name: 'euro', price_monthly: 9000, currency: 'EUR' })
  await house.create('plans', { name: 'daily', price_monthly: 3000, billing_anchor: 'start_day' })
  await house.create('plans', { name: 'gone', enabled: false })
})
afterAll(() => house.close())

interface Person {
  readonly headers: Record<string, string>
  readonly organizationId: string
  upgrade(body: object): ReturnType<AccountHouse['ask']>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
  subscription(): Promise<any>
  act(action: string): ReturnType<AccountHouse['ask']>
  /** Their session does not last over the time that tests pass. */
  signIn(): Promise<void>
}

async function owner(): Promise<Person> {
  people += 1
  const { token, organization } = (await house.register(`owner-${people}@example.com`)).body.data
  const email = `owner-${people}@example.com`
  const headers = house.bearer(token)
  const subscription = async () =>
    (await house.ask('GET', '/api/subscriptions', undefined, headers)).body.data[0]
  return {
    headers,
    organizationId: organization.id,
    subscription,
    async signIn() {
      const signedIn = await house.ask('POST', '/api/v1/auth/login', { email, password })
      Object.assign(headers, house.bearer(signedIn.body.data.token))
    },
    upgrade: (body) => house.ask('POST', '/api/v1/billing/upgrade', body, headers),
    act: async (action) =>
      house.ask('POST', `/api/subscriptions/${(await subscription()).id}/${action}`, {}, headers),
  }
}

describe('the owner of an organization', () => {
  test('sees to the cent what an upgrade costs, and pays what was seen', async () => {
    house.clock.set('2026-11-01T00:00:00.000Z')
    const ada = await owner()
    await ada.upgrade({ plan: 'starter' })
    house.clock.set('2026-11-16T00:00:00.000Z')
    await ada.signIn()
    const shown = await ada.upgrade({ plan: 'pro', preview: true })
    expect(shown.body.data).toMatchObject({
      preview: true,
      when: 'now',
      from: { plan: 'starter', price_monthly: 1000 },
      to: { plan: 'pro', price_monthly: 5000 },
      proration: { credit: 500, charge: 2500, net: 2000, currency: 'USD' },
    })
    const offered = (await house.ask('GET', '/api/v1/billing/plans', undefined, ada.headers)).body.data
    const gives = offered.map((plan: Record<string, unknown>) => [plan['name'], plan['entitlements']])
    expect(Object.fromEntries(gives)).toMatchObject({ team: { max_seats: 5 }, starter: {} })
    const before = await ada.subscription()
    const done = await ada.upgrade({ plan: 'pro' })
    expect(done.body.data.proration).toEqual(shown.body.data.proration)
    expect((await ada.subscription()).plan_id).not.toBe(before.plan_id)
    expect((await ada.upgrade({ plan: 'pro' })).status).toBe(409)
  })

  test('keeps what was sold for this period when the next plan is cheaper, and can change their mind', async () => {
    house.clock.set('2026-11-10T00:00:00.000Z')
    const bob = await owner()
    await bob.upgrade({ plan: 'pro' })
    const { plan_id: pro } = await bob.subscription()
    expect((await bob.upgrade({ plan: 'starter', when: 'now' })).body.error.details.field).toBe('when')
    const later = await bob.upgrade({ plan: 'starter' })
    expect(later.body.data).toMatchObject({
      when: 'period_end',
      effective_at: '2026-12-01T00:00:00.000Z',
      proration: null,
    })
    expect(await bob.subscription()).toMatchObject({
      plan_id: pro,
      pending_plan_id: later.body.data.to.plan_id,
    })
    await bob.act('keep_plan')
    expect(await bob.subscription()).toMatchObject({ plan_id: pro, pending_plan_id: null })
  })

  test('leaves the free plan for the days of the new one: seen beforehand, charged whole, and joined to the second', async () => {
    house.clock.set('2026-11-01T00:00:00.000Z')
    const gus = await owner()
    house.clock.set('2026-11-20T12:00:00.000Z')
    await gus.signIn()
    const shown = await gus.upgrade({ plan: 'daily', preview: true })
    expect(shown.body.data.proration).toMatchObject({ credit: 0, charge: 3000, net: 3000 })
    expect(await gus.subscription()).toMatchObject({ billing_anchor: 'calendar_month', anchored_at: null })
    const done = await gus.upgrade({ plan: 'daily' })
    expect(done.body.data.proration).toEqual(shown.body.data.proration)
    expect(await gus.subscription()).toMatchObject({
      billing_anchor: 'start_day',
      anchored_at: '2026-11-20T12:00:00.000Z',
      current_period_start: '2026-11-20T12:00:00.000Z',
      current_period_end: '2026-12-20T00:00:00.000Z',
    })
  })

  test('gets the trial of a plan once', async () => {
    house.clock.set('2026-11-10T00:00:00.000Z')
    const cyd = await owner()
    const begun = await cyd.upgrade({ plan: 'team' })
    expect(begun.body.data).toMatchObject({ trial_end: '2026-11-20T00:00:00.000Z', proration: { charge: 0 } })
    expect((await cyd.subscription()).status).toBe('trialing')
    house.clock.set('2026-11-21T00:00:00.000Z')
    await cyd.signIn()
    await house.running.house.subscriptions.carryOut()
    expect((await cyd.subscription()).status).toBe('active')
    await cyd.upgrade({ plan: 'free' })
    house.clock.set('2026-12-01T00:00:00.000Z')
    await cyd.signIn()
    await house.running.house.subscriptions.carryOut()
    expect((await cyd.upgrade({ plan: 'team' })).body.data.trial_end).toBeNull()
  })

  test('gets no second trial by cancelling the first one and subscribing anew, straight or by way of a free plan', async () => {
    house.clock.set('2026-11-10T00:00:00.000Z')
    const fay = await owner()
    await fay.upgrade({ plan: 'team' })
    await fay.act('cancel')
    house.clock.set('2026-11-21T00:00:00.000Z')
    await fay.signIn()
    await house.running.house.subscriptions.carryOut()
    expect((await fay.subscription()).status).toBe('ended')
    const shown = await fay.upgrade({ plan: 'team', preview: true })
    expect(shown.body.data).toMatchObject({ subscription_id: null, trial_end: null })
    const { subscription_id: id } = (await fay.upgrade({ plan: 'free' })).body.data
    expect((await fay.upgrade({ plan: 'team' })).body.data.trial_end).toBeNull()
    const again = await house.ask('GET', `/api/subscriptions/${id}`, undefined, fay.headers)
    expect(again.body.data).toMatchObject({ status: 'active', trial_end: null })
  })

  test('keeps a commitment to the end of its period: cheap units of an hour are not had for an hour of it', async () => {
    house.clock.set('2026-11-10T00:00:00.000Z')
    await house.create('plans', { name: 'payg', price_model: 'per_unit', unit_price: '0.01' })
    await house.create('plans', {
      name: 'bulk',
      price_model: 'per_unit',
      unit_price: '0.001',
      minimum_commitment: 100_000,
    })
    const gus = await owner()
    expect((await gus.upgrade({ plan: 'bulk' })).body.data.when).toBe('now')
    expect((await gus.upgrade({ plan: 'payg', when: 'now' })).body.error.details.field).toBe('when')
    expect((await gus.upgrade({ plan: 'payg' })).body.data.when).toBe('period_end')
  })

  test('who asks for two plans at once has the dearer one, as one after the other', async () => {
    const hal = await owner()
    const actor = {
      kind: 'member',
      id: 'usr_hal',
      organizationId: hal.organizationId,
      role: 'owner',
    } as const
    const { ownPlan } = house.running.house.subscriptions
    // Both have looked before one of them writes.
    const done = await Promise.all(
      ['pro', 'starter'].map((plan) =>
        ownPlan.change({ actor, requestId: `upgrade to ${plan}` }, { plan, isPreview: false }),
      ),
    )
    expect(done).toMatchObject([{ ok: true }, { ok: true }])
    const { plan_id } = await hal.subscription()
    expect((await house.api('GET', `/api/plans/${plan_id}`)).body.data.name).toBe('pro')
  })

  test('cannot resume what the operator has paused, nor what is owed', async () => {
    const dan = await owner()
    const { id } = await dan.subscription()
    await house.api('POST', `/api/subscriptions/${id}/pause`, {})
    expect((await dan.act('resume')).status).toBe(403)
    await house.api('POST', `/api/subscriptions/${id}/resume`, {})
    await house.api('PATCH', `/api/subscriptions/${id}`, { status: 'past_due' })
    expect((await dan.act('resume')).status).toBe(403)
    expect((await dan.subscription()).status).toBe('past_due')
  })

  test('does not turn what is owed in one currency into another one by way of a free plan', async () => {
    house.clock.set('2026-11-10T00:00:00.000Z')
    const hal = await owner()
    await hal.upgrade({ plan: 'payg' })
    house.clock.set('2026-11-11T00:00:00.000Z')
    expect((await hal.upgrade({ plan: 'free' })).body.data.when).toBe('now')
    expect((await hal.upgrade({ plan: 'euro', when: 'now' })).body.error.details.field).toBe('when')
    const { id } = await hal.subscription()
    const euro = (await house.api('GET', '/api/plans?name=euro')).body.data[0]
    const forced = await house.api('POST', `/api/subscriptions/${id}/change_plan`, { plan_id: euro.id })
    expect(forced.body.error.details.field).toBe('plan_id')
    expect((await hal.upgrade({ plan: 'euro' })).body.data.when).toBe('period_end')
  })

  test('is told that a list does not go on from anywhere', async () => {
    const ivy = await owner()
    for (const list of ['billing/history', 'keys']) {
      const refused = await house.ask('GET', `/api/v1/${list}?cursor=nowhere`, undefined, ivy.headers)
      expect([refused.status, refused.body.error.type]).toEqual([400, 'invalid_request'])
    }
  })

  test.each([
    [{}, 'plan'],
    [{ plan: 7 }, 'plan'],
    [{ plan: 'none' }, 'plan'],
    [{ plan: 'gone' }, 'plan'],
    [{ plan: 'pro', when: 'soon' }, 'when'],
    [{ plan: 'pro', preview: 'yes' }, 'preview'],
    [{ plan: 'pro', price: 1 }, 'price'],
  ])('is told the field when %j is asked', async (body, field) => {
    const eve = await owner()
    const refused = await eve.upgrade(body)
    expect([refused.status, refused.body.error.details.field]).toEqual([400, field])
  })
})
