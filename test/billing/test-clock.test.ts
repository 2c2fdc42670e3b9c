import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '#bootstrap/config.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { usageEvent } from '#test/usage/usage-events.ts'

const env = { APIGATE_TEST_CLOCK: '1' }
let house: TestHouse
beforeAll(async () => {
  house = await startHouse({ env })
})
afterAll(() => house.close())

const move = (body: object) => house.api('POST', '/admin/test-clock', body)
const now = async (): Promise<string> => (await house.api('GET', '/admin/test-clock')).body.data.now

/** The first of January after the next one, so that it does not matter when this is run. */
const year = new Date().getUTCFullYear() + 2
const month = (index: number): string => new Date(Date.UTC(year, index)).toISOString()

test('a year of a starter customer, by moving the clock, is 12 invoices of the right amounts in their months', async () => {
  // At most a year at once.
  for (const to of [`${year - 1}-01-01T00:00:00Z`, month(0)])
    expect((await move({ to })).status, to).toBe(200)
  const { id: organization_id } = await house.create('organizations', {
    name: 'Year',
    email: 'y@example.com',
  })
  const mine = `organization_id=${organization_id}`
  const [starter] = (await house.api('GET', '/api/plans?name=starter')).body.data
  const [subscription] = (await house.api('GET', `/api/subscriptions?${mine}`)).body.data
  await house.api('PATCH', `/api/subscriptions/${subscription.id}`, { plan_id: starter.id })
  await house.api('POST', '/admin/billing/credits', { organization_id, amount: 100_000 })
  // In the n-th month n cents of overage.
  const events = Array.from({ length: 12 }, (_, index) =>
    usageEvent({
      id: `use_${index}`,
      at: Date.parse(month(index)) + 20 * 86_400_000,
      organization_id,
      subscription_id: subscription.id,
      units: 10_001 + index,
    }),
  )
  await house.running.house.usageStore.absorb(events, { segment: 'year', from: 0, offset: 1 })
  for (const to of [month(6), `${year + 1}-01-01T02:00:00Z`])
    expect((await move({ to })).body.data.stops, to).toBeLessThan(250)
  expect(Date.parse(await now())).toBeGreaterThanOrEqual(Date.UTC(year + 1, 0, 1, 2))
  const invoices = (await house.api('GET', `/api/invoices?${mine}&sort=period_start&limit=100`)).body.data
  expect(
    invoices.map((one: Record<string, unknown>) => [one['period_start'], one['total'], one['status']]),
  ).toEqual(Array.from({ length: 12 }, (_, index) => [month(index), 1001 + index, 'paid']))
  for (const [index, { issued_at: issued }] of invoices.entries())
    expect(
      Date.parse(issued) - Date.parse(month(index + 1)),
      'an hour and five minutes after its month',
    ).toBeLessThan(66 * 60_000)
  const ledger = await house.api('GET', '/admin/billing/ledger')
  expect(ledger.body.data).toMatchObject({ ok: true })
}, 180_000)

test.each([
  [{}, 'by'],
  [{ by: '1d', to: '2100-01-01T00:00:00Z' }, 'by'],
  [{ by: 'soon' }, 'by'],
  [{ by: 30 }, 'by'],
  [{ to: '30d' }, 'to'],
  [{ to: '2020-01-01T00:00:00Z' }, 'to'],
  [{ to: '2100-01-01' }, 'to'],
  [{ by: '367d' }, 'to'],
])('%j moves nothing and is refused by its field', async (body, field) => {
  const before = Date.parse(await now())
  const refused = await move(body)
  expect([refused.status, refused.body.error.details.field]).toEqual([400, field])
  expect(Date.parse(await now()) - before).toBeLessThan(86_400_000)
})

test('an instance that was not started for it has no test clock', async () => {
  const other = await startHouse()
  try {
    for (const method of ['GET', 'POST'])
      expect(
        (await other.api(method, '/admin/test-clock', method === 'GET' ? undefined : { by: '1d' })).status,
      ).toBe(404)
  } finally {
    await other.close()
  }
})

test.each([
  [{ APIGATE_ENV: 'production' }, 'production'],
  [{ APIGATE_WORKERS: '2' }, 'worker'],
  [{ APIGATE_NODES: '2' }, 'node'],
])('the test clock goes not with %j', (more, word) => {
  expect(readConfig({ ...env, ...more })).toMatchObject({
    ok: false,
    details: { field: 'APIGATE_TEST_CLOCK', reason: expect.stringContaining(word) },
  })
})

test('time that has passed has passed after a restart, too, and such records are none for production', async () => {
  const first = await startHouse({ env })
  const overrides = { dataDirectory: first.dataDirectory }
  try {
    const { now: before } = (await first.api('POST', '/admin/test-clock', { by: '400h' })).body.data
    await first.running.close()
    const again = await startHouse({ overrides, token: first.token })
    const { data } = (await again.api('GET', '/admin/test-clock')).body
    await again.running.close()
    expect(Date.parse(data.now)).toBeGreaterThanOrEqual(Date.parse(before))
    await expect(startHouse({ overrides, env: { APIGATE_ENV: 'production' } })).rejects.toThrow(/test time/)
  } finally {
    rmSync(first.dataDirectory, { recursive: true, force: true })
  }
})
