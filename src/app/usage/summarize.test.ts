import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrate } from '#adapters/sql/migrate.ts'
import type { OpenDatabase } from '#adapters/sql/open-database.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { Records } from '#ports/records.ts'
import { november, usageEvent } from '#test/usage/usage-events.ts'
import { forecastMonth } from './forecast-month.ts'
import { usageSummary } from './summarize.ts'

const migrations = new URL('../../../migrations', import.meta.url).pathname
const timestamps = { created_at: '2026-10-05T00:00:00.000Z', updated_at: '2026-10-05T00:00:00.000Z' }

const organization = (id: string, name: string) => ({ id, name, ...timestamps })
const subscription = (id: string, organization_id: string, plan_id: string, over: object = {}) => ({
  id,
  organization_id,
  plan_id,
  api_id: 'api_1',
  status: 'active',
  ...timestamps,
  ...over,
})
const plan = (id: string, over: object) => ({
  id,
  name: id.slice(4),
  price_model: 'flat',
  tiers: null,
  minimum_commitment: 0,
  currency: 'USD',
  price_monthly: 0,
  overage_price: 0,
  overage_unit_price: '',
  requests_per_month: 1000,
  quota_mode: 'hard',
  ...timestamps,
  ...over,
})

const rows: Partial<Record<keyof Rows, readonly { readonly id: string }[]>> = {
  organization: [organization('org_1', 'Acme'), organization('org_2', 'Bolt')],
  api: [{ id: 'api_1', name: 'Weather', ...timestamps } as { id: string }],
  plan: [
    plan('pln_free', {}),
    plan('pln_starter', {
      price_monthly: 1000,
      overage_price: 1,
      requests_per_month: 10_000,
      quota_mode: 'soft',
    }),
    plan('pln_pro', { price_monthly: 5000, requests_per_month: -1 }),
  ],
  subscription: [
    subscription('sub_1', 'org_1', 'pln_starter'),
    subscription('sub_2', 'org_2', 'pln_pro'),
    subscription('sub_ended', 'org_1', 'pln_free', { status: 'ended' }),
    subscription('sub_unused', 'org_1', 'pln_free', { created_at: '2026-11-02T00:00:00.000Z' }),
  ],
}

type Where = readonly { field: string; op: string; value: unknown }[]
const holds = (row: Record<string, unknown>, { field, op, value }: Where[number]): boolean =>
  op === 'gte' ? String(row[field]) >= String(value) : row[field] === value

/** Records from memory, with the two kinds of conditions that the flow uses. */
const records = {
  get: async (module: keyof Rows, id: string) => rows[module]?.find((row) => row.id === id),
  async *each(module: keyof Rows, where: Where = []) {
    for (const row of rows[module] ?? []) {
      if (where.every((condition) => holds(row as Record<string, unknown>, condition))) yield row
    }
  },
  async list(module: keyof Rows, { where = [] }: { where?: Where }) {
    const items = (rows[module] ?? []).filter((row) => where.every((one) => holds(row as never, one)))
    return { items }
  },
} as unknown as Records

let database: OpenDatabase
let usageStore: ReturnType<typeof createUsageStore>
beforeEach(async () => {
  database = openSqlite(':memory:')
  await migrate(database.db, migrations, new Date(november))
  usageStore = createUsageStore(database.db)
  const october = Date.UTC(2026, 9, 31, 23, 59, 59, 999)
  await usageStore.absorb(
    [
      usageEvent({ id: 'a', units: 15_000 }),
      usageEvent({ id: 'b', units: 0, status: 502 }),
      usageEvent({ id: 'c', subscription_id: 'sub_2', organization_id: 'org_2', units: 70_000 }),
      usageEvent({ id: 'd', at: october, units: 4 }),
      usageEvent({ id: 'e', at: october, subscription_id: 'sub_ended', units: 9 }),
    ],
    { segment: 's', from: 0, offset: 1 },
  )
})
afterEach(() => database.close())

const clock = { now: () => november }
async function summary(query?: Parameters<typeof usageSummary>[1]) {
  const outcome = await usageSummary({ usageStore, records, clock }, query)
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value
}

test('starter with 15,000 billed requests owes 60.00 USD, with 5,000 past the included ones', async () => {
  const { month, rows: all } = await summary()
  expect(month).toBe('2026-11')
  expect(all[0]).toEqual({
    subscription_id: 'sub_1',
    organization_id: 'org_1',
    organization: 'Acme',
    api_id: 'api_1',
    api: 'Weather',
    plan_id: 'pln_starter',
    plan: 'starter',
    requests: 2,
    units: 15_000,
    errors: 1,
    price_model: 'flat',
    quota_mode: 'soft',
    included: 10_000,
    remaining: 0,
    overage_units: 5000,
    cost_minor: 6000,
    currency: 'USD',
    cost: '60.00 USD',
  })
})

test('a subscription without use is shown while it is served, and an unlimited plan has nothing left to count', async () => {
  const { rows: all } = await summary()
  expect(all.map((row) => row.subscription_id)).toEqual(['sub_1', 'sub_unused', 'sub_2'])
  expect(all[1]).toMatchObject({ requests: 0, included: 1000, remaining: 1000, cost_minor: 0 })
  expect(all[2]).toMatchObject({
    units: 70_000,
    included: null,
    remaining: null,
    overage_units: 0,
    cost_minor: 5000,
  })
})

test('another month shows its own use, also of a subscription that has ended since, and none that began later', async () => {
  const { rows: all } = await summary({ month: '2026-10' })
  expect(all.map((row) => [row.subscription_id, row.units])).toEqual([
    ['sub_1', 4],
    ['sub_ended', 9],
    ['sub_2', 0],
  ])
})

test('a month in which the plan changed is priced by what held when: half of each fee, and use where it fell', async () => {
  const middle = '2026-11-16T00:00:00.000Z'
  const change = (id: string, at: string, from: string | null, to: string) => ({
    id,
    subscription_id: 'sub_1',
    at,
    from_plan_id: from,
    from_price_version_id: null,
    from_status: 'active',
    to_plan_id: to,
    to_price_version_id: null,
    to_status: 'active',
  })
  const log = [
    change('c1', '2026-11-01T00:00:00.000Z', null, 'pln_starter'),
    change('c2', middle, 'pln_starter', 'pln_pro'),
  ]
  Object.assign(rows, { subscription_change: log })
  const early = usageEvent({ id: 'f', at: Date.parse(middle) - 1, units: 10_001 })
  await usageStore.absorb([early], { segment: 't', from: 0, offset: 1 })
  const { rows: all } = await summary({ organizationId: 'org_1' })
  Object.assign(rows, { subscription_change: [] })
  expect(all[0]).toMatchObject({ units: 25_001, overage_units: 1, cost_minor: 500 + 1 + 2500 })
})

test('one organization sees only its own subscriptions', async () => {
  const { rows: all } = await summary({ organizationId: 'org_2' })
  expect(all.map((row) => row.subscription_id)).toEqual(['sub_2'])
})

test.each([
  [{ month: '2026-13' }, 'validation_error'],
  [{ month: 'november' }, 'validation_error'],
  [{ organizationId: 'org_nobody' }, 'not_found'],
])('%o is refused with %s', async (query, code) => {
  expect(await usageSummary({ usageStore, records, clock }, query)).toMatchObject({ ok: false, code })
})

test('a month is foreseen at the pace of the last seven days and priced as sold; a hard quota is where use ends', async () => {
  const hour = 3_600_000
  const lately = [
    usageEvent({ id: 'g', at: november - hour, subscription_id: 'sub_unused', units: 700 }),
    usageEvent({ id: 'h', at: november - 200 * hour, units: 1_000 }),
  ]
  await usageStore.absorb(lately, { segment: 'u', from: 0, offset: 1 })
  const { rows: all } = await summary({ organizationId: 'org_1' })
  const foreseen = await forecastMonth({ usageStore, records, clock }, all, 'org_1')
  // 15,000 in seven days, and ten days and fifteen hours to go: 22,768 more, each past the quota at a cent.
  expect(foreseen.get('sub_1')).toEqual({
    units: 38_768,
    cost_minor: 38_768 - 10_000 + 1000,
    included_until: null,
  })
  expect(foreseen.get('sub_unused')).toEqual({
    units: 1000,
    cost_minor: 0,
    included_until: new Date(november + 3 * 24 * hour).toISOString(),
  })
})
