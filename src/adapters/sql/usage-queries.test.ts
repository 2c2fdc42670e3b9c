import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UsageEvent } from '#contract/usage-event.ts'
import { dayStart } from '#domain/period.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { openTestDatabase } from '#test/support/test-database.ts'
import { november, usageEvent } from '#test/usage/usage-events.ts'
import { migrate } from './migrate.ts'
import type { OpenDatabase } from './open-database.ts'
import { createUsageStore } from './usage-store.ts'

const migrations = new URL('../../../migrations', import.meta.url).pathname
const everything = { fromMs: 0, toMs: 2 ** 50 }
const segment = 's1'

async function openStore() {
  const database = await openTestDatabase()
  await migrate(database.db, migrations, new Date(november))
  return { database, store: createUsageStore(database.db) }
}

let database: OpenDatabase
let store: UsageStore
beforeEach(async () => {
  const opened = await openStore()
  database = opened.database
  store = opened.store
})
afterEach(() => database.close())

describe('reading rollups', () => {
  test('units per subscription cover the days from the first to before the last', async () => {
    const day = 86_400_000
    const start = dayStart(november)
    const at = (id: string, ms: number, subscription_id: string) =>
      usageEvent({ id, at: ms, subscription_id, units: 2 })
    await store.absorb(
      [
        at('before', start - 1, 'sub_1'),
        at('first', start, 'sub_1'),
        at('last', start + day - 1, 'sub_1'),
        at('other', start + 5, 'sub_2'),
        at('after', start + day, 'sub_1'),
      ],
      { segment, from: 0, offset: 1 },
    )
    expect(await store.unitsBySubscription(start, start + day)).toEqual(
      new Map([
        ['sub_1', 4],
        ['sub_2', 2],
      ]),
    )
  })

  test('units between any two moments are those of the events between them', async () => {
    const minutes = [0, 1, 59, 60, 61, 119, 120, 121, 180, 181, 400]
    const start = dayStart(november)
    const events = minutes.map((minute) =>
      usageEvent({
        id: `m${minute}`,
        at: start + minute * 60_000,
        subscription_id: 'sub_1',
        units: minute + 1,
      }),
    )
    await store.absorb([...events, usageEvent({ id: 'other', at: start, subscription_id: 'sub_2' })], {
      segment,
      from: 0,
      offset: 1,
    })
    for (const from of [-1, 0, 1, 60, 61, 150])
      for (const to of [0, 1, 60, 119, 120, 180, 181, 500]) {
        const [fromMs, toMs] = [start + from * 60_000, start + to * 60_000]
        const between = events.filter(({ at }) => at >= fromMs && at < toMs)
        const sum = between.reduce((total, { units }) => total + units, 0)
        expect([from, to, await store.unitsOf('sub_1', fromMs, toMs)]).toEqual([from, to, sum])
      }
    expect(await store.unitsOf('sub_none', 0, start)).toBe(0)
  })

  test('totals can be narrowed to an organization or a subscription', async () => {
    await store.absorb(
      [
        usageEvent({ id: 'a', organization_id: 'org_1', subscription_id: 'sub_1' }),
        usageEvent({ id: 'b', organization_id: 'org_2', subscription_id: 'sub_2' }),
        usageEvent({ id: 'c', organization_id: 'org_2', subscription_id: 'sub_3' }),
      ],
      { segment, from: 0, offset: 1 },
    )
    const query = { ...everything, granularity: 'hour', groupBy: ['subscription_id'] } as const
    const ids = async (narrow: object) =>
      (await store.totals({ ...query, ...narrow })).map((row) => row.subscription_id)
    expect(await ids({})).toEqual(['sub_1', 'sub_2', 'sub_3'])
    expect(await ids({ organizationId: 'org_2' })).toEqual(['sub_2', 'sub_3'])
    expect(await ids({ organizationId: 'org_2', subscriptionId: 'sub_3' })).toEqual(['sub_3'])
  })
})

describe('reading events', () => {
  const query = { ...everything, limit: 1000 }

  test('gives back what was stored, whole, by time and id', async () => {
    const events = [
      usageEvent({ id: 'b', request_id: 'chosen by the client', path: '/ü', plan_id: 'pln_2' }),
      usageEvent({ id: 'a', request_id: 'a', route_id: 'rte_2', status: 502, units: 0 }),
      usageEvent({ id: 'c', at: november - 1, method: 'POST', request_bytes: 3, duration_ms: 0 }),
    ]
    await store.absorb(events, { segment, from: 0, offset: 1 })
    expect(await store.events(query)).toEqual([events[2], events[1], events[0]])
  })

  test('covers from the first moment to before the last, of one organization or one subscription', async () => {
    await store.absorb(
      [
        usageEvent({ id: 'a', at: 100 }),
        usageEvent({ id: 'b', at: 199, organization_id: 'org_2', subscription_id: 'sub_2' }),
        usageEvent({ id: 'c', at: 200 }),
        usageEvent({ id: 'd', at: 150, organization_id: 'org_2', subscription_id: 'sub_3' }),
      ],
      { segment, from: 0, offset: 1 },
    )
    const ids = async (narrow: object) => (await store.events({ ...query, ...narrow })).map(({ id }) => id)
    expect(await ids({ fromMs: 100, toMs: 200 })).toEqual(['a', 'd', 'b'])
    expect(await ids({ fromMs: 101 })).toEqual(['d', 'b', 'c'])
    expect(await ids({ organizationId: 'org_2' })).toEqual(['d', 'b'])
    expect(await ids({ subscriptionId: 'sub_3' })).toEqual(['d'])
    expect(await ids({ organizationId: 'org_1', subscriptionId: 'sub_3' })).toEqual([])
  })

  test('page by page gives every event once, in order, also over hundreds of keys', async () => {
    const events = Array.from({ length: 700 }, (_, index) =>
      usageEvent({
        id: `use_${(index * 17) % 700}`,
        at: november + ((index * 31) % 40),
        api_key_id: `key_${index % 230}`,
      }),
    )
    await store.absorb(events, { segment, from: 0, offset: 1 })
    const read: UsageEvent[] = []
    for (;;) {
      const after = read.at(-1)
      const page = await store.events({ ...query, limit: 64, ...(after === undefined ? {} : { after }) })
      read.push(...page)
      if (page.length < 64) break
    }
    const order = (a: UsageEvent, b: UsageEvent) => a.at - b.at || (a.id < b.id ? -1 : 1)
    expect(read).toEqual(events.sort(order))
  })
})
