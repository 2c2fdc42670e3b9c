import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UsageEvent } from '#contract/usage-event.ts'
import { dayStart, hourStart, minuteStart } from '#domain/period.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { openTestDatabase } from '#test/support/test-database.ts'
import { arbitraryEvents, november, usageEvent } from '#test/usage/usage-events.ts'
import { migrate } from './migrate.ts'
import type { OpenDatabase } from './open-database.ts'
import { createKnownSources } from './usage-sources.ts'
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

const requests = async () =>
  (await store.totals({ ...everything, granularity: 'day', groupBy: [] }))[0]?.requests

describe('absorbing', () => {
  test('the same slice twice counts once: the second one is refused and changes nothing', async () => {
    const events = [usageEvent({ id: 'a' }), usageEvent({ id: 'b' })]
    expect(await store.absorb(events, { segment, from: 0, offset: 100 })).toBe(true)
    expect(await store.absorb(events, { segment, from: 0, offset: 100 })).toBe(false)
    expect(await requests()).toBe(2)
    expect(await store.position(segment)).toBe(100)
  })

  test('a slice that does not begin where the last one ended is refused', async () => {
    expect(await store.absorb([usageEvent({ id: 'a' })], { segment, from: 50, offset: 100 })).toBe(false)
    expect(await store.position(segment)).toBe(0)
    await store.absorb([], { segment, from: 0, offset: 100 })
    expect(await store.absorb([usageEvent({ id: 'a' })], { segment, from: 50, offset: 150 })).toBe(false)
    expect(await requests()).toBe(0)
    expect(await store.position(segment)).toBe(100)
  })

  test('events that were stored before, in this slice or another one, are skipped', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => usageEvent({ id })) as [UsageEvent, UsageEvent, UsageEvent]
    await store.absorb([a, b, a], { segment, from: 0, offset: 10 })
    expect(await requests()).toBe(2)
    await store.absorb([b, c], { segment: 's2', from: 0, offset: 10 })
    expect(await requests()).toBe(3)
  })

  test('only the new ones of many events reach the sums, whichever were stored before', async () => {
    const events = Array.from({ length: 170 }, (_, index) => usageEvent({ id: `use_${index}`, units: 3 }))
    await store.absorb(
      events.filter((_, index) => index % 40 === 7),
      { segment: 's2', from: 0, offset: 9 },
    )
    expect(await store.absorb(events, { segment, from: 0, offset: 9 })).toBe(true)
    const [totals] = await store.totals({ ...everything, granularity: 'minute', groupBy: [] })
    expect(totals).toMatchObject({ requests: 170, units: 510 })
    expect(await store.events({ ...everything, limit: 1000 })).toHaveLength(170)
  })

  test('the same id at another time or of another key is another event', async () => {
    const events = [{}, { at: november + 1 }, { api_key_id: 'key_2' }].map((other) =>
      usageEvent({ id: 'a', ...other }),
    )
    await store.absorb(events, { segment, from: 0, offset: 9 })
    expect(await requests()).toBe(3)
  })

  test('two that absorb the same slice at once: one wins, the events count once', async () => {
    const events = Array.from({ length: 120 }, (_, index) => usageEvent({ id: `use_${index}` }))
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => store.absorb(events, { segment, from: 0, offset: 9 })),
    )
    expect(outcomes.sort()).toEqual([false, false, true])
    expect(await requests()).toBe(120)
  })

  test('a failure in the middle leaves neither events nor sums nor a moved position', async () => {
    const broken = { ...usageEvent({ id: 'z' }), path: null } as unknown as UsageEvent
    const events = [...Array.from({ length: 80 }, (_, index) => usageEvent({ id: `use_${index}` })), broken]
    await expect(store.absorb(events, { segment, from: 0, offset: 100 })).rejects.toThrow(/not.null/i)
    expect(await store.position(segment)).toBe(0)
    expect(await requests()).toBe(0)
    expect(await store.absorb(events.slice(0, -1), { segment, from: 0, offset: 100 })).toBe(true)
    expect(await requests()).toBe(80)
  })

  test('a source that was first met in a transaction that failed is stored by the next one', async () => {
    const event = usageEvent({ id: 'a', subscription_id: 'sub_new' })
    const broken = { ...event, id: 'z', path: null } as unknown as UsageEvent
    await expect(store.absorb([event, broken], { segment, from: 0, offset: 100 })).rejects.toThrow(
      /not.null/i,
    )
    await store.absorb([usageEvent({ id: 'other' }), event], { segment, from: 0, offset: 100 })
    expect(await store.events({ ...everything, limit: 10, subscriptionId: 'sub_new' })).toEqual([event])
    expect(await store.unitsBySubscription(0, 2 ** 50)).toEqual(
      new Map([
        ['sub_1', 1],
        ['sub_new', 1],
      ]),
    )
  })

  test('a source is stored once, also by writers that do not know of each other or have forgotten it', async () => {
    const forgetful = createUsageStore(database.db, createKnownSources(2))
    const events = (turn: string) =>
      [1, 2, 3, 4, 5].map((number) =>
        usageEvent({ id: `${turn}_${number}`, subscription_id: `sub_${number}` }),
      )
    await store.absorb(events('a'), { segment, from: 0, offset: 1 })
    await forgetful.absorb(events('b'), { segment, from: 1, offset: 2 })
    await forgetful.absorb(events('c'), { segment, from: 2, offset: 3 })
    await store.absorb(events('d'), { segment, from: 3, offset: 4 })
    const db = database.db.withTables<{ usage_sources: { id: number } }>()
    expect(await db.selectFrom('usage_sources').select('id').execute()).toHaveLength(5)
    expect(await store.unitsBySubscription(0, 2 ** 50)).toEqual(
      new Map([1, 2, 3, 4, 5].map((number) => [`sub_${number}`, 4])),
    )
  })

  test('a forgotten segment starts at 0 again, and its events still count once', async () => {
    const events = [usageEvent({ id: 'a' })]
    await store.absorb(events, { segment, from: 0, offset: 100 })
    await store.forget(segment)
    expect(await store.position(segment)).toBe(0)
    await store.absorb(events, { segment, from: 0, offset: 100 })
    expect(await requests()).toBe(1)
  })
})

type Sums = Record<
  'requests' | 'units' | 'errors' | 'request_bytes' | 'response_bytes' | 'duration_ms',
  number
>

/** The slow, obvious way: look at every event for every bucket. */
function recount(events: readonly UsageEvent[], startOf: (ms: number) => number): Record<string, Sums> {
  const sums: Record<string, Sums> = {}
  for (const event of events) {
    const { subscription_id, api_key_id, route_id } = event
    const start = new Date(startOf(event.at)).toISOString()
    const key = [start, subscription_id, api_key_id, route_id].join()
    if (key in sums) continue
    const same = events.filter(
      (other) =>
        startOf(other.at) === startOf(event.at) &&
        other.subscription_id === subscription_id &&
        other.api_key_id === api_key_id &&
        other.route_id === route_id,
    )
    const sum = (field: 'units' | 'request_bytes' | 'response_bytes' | 'duration_ms') =>
      same.reduce((total, other) => total + other[field], 0)
    sums[key] = {
      requests: same.length,
      units: sum('units'),
      errors: same.filter((other) => other.status >= 400).length,
      request_bytes: sum('request_bytes'),
      response_bytes: sum('response_bytes'),
      duration_ms: sum('duration_ms'),
    }
  }
  return sums
}

describe('rollups', () => {
  test('equal a recount of the events, however they were cut into slices', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEvents, fc.integer({ min: 1, max: 70 }), async (events, size) => {
        const fresh = await openStore()
        for (let from = 0; from < events.length; from += size) {
          await fresh.store.absorb(events.slice(from, from + size), { segment, from, offset: from + size })
        }
        const unique = [...new Map(events.toReversed().map((event) => [event.id, event])).values()]
        for (const [granularity, startOf] of [
          ['minute', minuteStart],
          ['hour', hourStart],
          ['day', dayStart],
        ] as const) {
          const groupBy = ['start', 'subscription_id', 'api_key_id', 'route_id'] as const
          const totals = await fresh.store.totals({ ...everything, granularity, groupBy })
          const actual = Object.fromEntries(
            totals.map(({ start, subscription_id, api_key_id, route_id, ...sums }) => [
              [start, subscription_id, api_key_id, route_id].join(),
              sums,
            ]),
          )
          expect(actual).toEqual(recount(unique, startOf))
        }
        await fresh.database.close()
      }),
      { numRuns: 40 },
    )
  })

  test('a request that costs nothing still counts as a request, and an answer from 400 on as an error', async () => {
    const statuses = [200, 399, 400, 499, 502]
    const events = statuses.map((status) => usageEvent({ id: `use_${status}`, status, units: 0 }))
    await store.absorb(events, { segment, from: 0, offset: 1 })
    const [totals] = await store.totals({ ...everything, granularity: 'minute', groupBy: [] })
    expect(totals).toMatchObject({ requests: 5, units: 0, errors: 3 })
  })
})
