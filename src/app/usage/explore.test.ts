import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { migrate } from '#adapters/sql/migrate.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import type { UsageEvent } from '#contract/usage-event.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { november, usageEvent } from '#test/usage/usage-events.ts'
import { exploreUsage } from './explore.ts'
import { exploreLatency } from './explore-latency.ts'

const migrations = new URL('../../../migrations', import.meta.url).pathname

const hour = 3_600_000
const now = Date.parse('2026-11-21T10:30:00Z')
type Row = Awaited<ReturnType<UsageStore['totals']>>[number]

const row = (at: number, requests: number, api_key_id: string): Row => ({
  start: new Date(at).toISOString(),
  requests,
  units: requests,
  errors: 0,
  request_bytes: 0,
  response_bytes: 0,
  duration_ms: requests * 2,
  api_key_id,
})

/** A store of rows that knows only what a query may ask of it. */
const over = (rows: readonly Row[], named: Readonly<Record<string, string>> = {}) => ({
  usageStore: {
    totals: async ({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
      rows.filter(({ start = '' }) => Date.parse(start) >= fromMs && Date.parse(start) < toMs),
  },
  records: {
    async *each() {
      for (const [id, name] of Object.entries(named)) yield { id, name, prefix: 'ak_1' }
    },
  } as unknown as Records,
  clock: { now: () => now },
})

const value = async (...asked: Parameters<typeof exploreUsage>) => {
  const found = await exploreUsage(...asked)
  if (!found.ok) throw new Error(found.message)
  return found.value
}

/** A real store with these events in it, an hour after them. */
async function stored(events: readonly UsageEvent[]) {
  const database = openSqlite(':memory:')
  await migrate(database.db, migrations, new Date(november))
  const usageStore = createUsageStore(database.db)
  await usageStore.absorb(events, { segment: 's', from: 0, offset: 1 })
  const store = { ...over([]), usageStore, clock: { now: () => november + hour } }
  return { store, close: database.close }
}

describe('latency over time', () => {
  const taking = (durationsMs: readonly number[], more: Partial<UsageEvent>) =>
    durationsMs.map((duration_ms, index) =>
      usageEvent({ id: `use_${JSON.stringify(more)}_${index}`, duration_ms, ...more }),
    )

  test('says what half, and all but a few, took at most: in each stretch, and of the slowest route first', async () => {
    const quick = taking(Array(98).fill(9), { at: november })
    const slow = taking([800, 3_000], { at: november + hour, route_id: 'rte_2' })
    const { store, close } = await stored([...quick, ...slow])
    const found = await exploreLatency(store, { granularity: 'hour', from: new Date(november).toISOString() })
    if (!found.ok) throw new Error(found.message)
    const { totals, points, routes } = found.value
    expect(totals).toMatchObject({ requests: 100, p99: 900 })
    expect(totals.p50).toBeGreaterThan(7)
    expect(totals.p95).toBeLessThanOrEqual(10)
    expect(points.map(({ requests }) => requests)).toEqual([98, 2])
    expect(points[0]?.p99).toBeLessThanOrEqual(10)
    expect(points[1]?.p99).toBeGreaterThan(2_500)
    expect(routes.map(({ id, requests }) => [id, requests])).toEqual([
      ['rte_2', 2],
      ['rte_1', 98],
    ])
    await close()
  })

  test('has nothing to say of a stretch without requests, and refuses a time that is none', async () => {
    const { store, close } = await stored([])
    const empty = await exploreLatency(store, {})
    expect(empty.ok && empty.value.totals).toEqual({ requests: 0, p50: null, p95: null, p99: null })
    expect((await exploreLatency(store, { from: 'yesterday' })).ok).toBe(false)
    await close()
  })

  test('is counted once, however often the same events come; old minutes are forgotten, hours are not', async () => {
    const events = taking([5, 5, 5], { at: november })
    const { store, close } = await stored(events)
    await store.usageStore.absorb(events, { segment: 'again', from: 0, offset: 1 })
    const asked = { from: new Date(november).toISOString() }
    const count = async (granularity: string) => {
      const found = await exploreLatency(store, { ...asked, granularity })
      return found.ok && found.value.totals.requests
    }
    expect([await count('minute'), await count('hour'), await count('day')]).toEqual([3, 3, 3])
    await store.usageStore.forgetMinutes(november + hour)
    expect([await count('minute'), await count('hour'), await count('day')]).toEqual([0, 3, 3])
    await close()
  })
})

describe('usage over time', () => {
  test('has every stretch, also those without use, up to the one that now is in', async () => {
    const { series, from, to } = await value(over([row(Date.parse('2026-11-21T09:00:00Z'), 5, 'k')]), {
      granularity: 'hour',
      from: '2026-11-21T08:10:00Z',
    })
    expect([from, to]).toEqual(['2026-11-21T08:00:00.000Z', '2026-11-21T11:00:00.000Z'])
    expect(series[0]?.points.map(({ at, requests }) => [at.slice(11, 13), requests])).toEqual([
      ['08', 0],
      ['09', 5],
      ['10', 0],
    ])
  })

  test('reads what was stored: each event stands in the point of its time, and of no other organization', async () => {
    const database = openSqlite(':memory:')
    await migrate(database.db, migrations, new Date(november))
    const usageStore = createUsageStore(database.db)
    const events = [
      usageEvent({ id: 'a', at: november }),
      usageEvent({ id: 'b', at: november + hour, units: 3 }),
      usageEvent({ id: 'c', at: november, organization_id: 'org_2', subscription_id: 'sub_2' }),
    ]
    await usageStore.absorb(events, { segment: 's', from: 0, offset: 1 })
    const question = { granularity: 'hour', organizationId: 'org_1', from: new Date(november).toISOString() }
    const { series } = await value(
      { ...over([]), usageStore, clock: { now: () => november + hour } },
      question,
    )
    expect(series[0]?.points.map(({ requests, units }) => [requests, units])).toEqual([
      [1, 1],
      [1, 3],
    ])
    await database.close()
  })

  test('is narrowed to a key, a route or an API, and to those of one organization together', async () => {
    const { store, close } = await stored([
      usageEvent({ id: 'a' }),
      usageEvent({ id: 'b', api_key_id: 'key_2' }),
      usageEvent({ id: 'c', api_key_id: 'key_2', route_id: 'rte_2' }),
      usageEvent({
        id: 'd',
        api_key_id: 'key_3',
        route_id: 'rte_2',
        api_id: 'api_2',
        organization_id: 'org_2',
      }),
    ])
    const from = new Date(november).toISOString()
    const requests = async (narrowed: object) => (await value(store, { from, ...narrowed })).totals.requests
    expect(await requests({ keyId: 'key_2' })).toBe(2)
    expect(await requests({ routeId: 'rte_2' })).toBe(2)
    expect(await requests({ routeId: 'rte_2', organizationId: 'org_1' })).toBe(1)
    expect(await requests({ apiId: 'api_1' })).toBe(3)
    expect(await requests({ keyId: 'key_nobody' })).toBe(0)
    await close()
  })

  test('loses and doubles nothing: points, series and totals say the same for any use', async () => {
    const use = fc.array(fc.record({ ago: fc.nat(47), requests: fc.nat(1000), key: fc.nat(40) }), {
      maxLength: 80,
    })
    await fc.assert(
      fc.asyncProperty(use, async (uses) => {
        const sums = new Map<string, Row>()
        for (const { ago, requests, key } of uses) {
          const made = row(Math.floor(now / hour) * hour - ago * hour, requests, `k${key}`)
          sums.set(`${made.start} ${made.api_key_id}`, made)
        }
        const rows = [...sums.values()]
        const from = new Date(now - 48 * hour).toISOString()
        const found = await value(over(rows), { granularity: 'hour', groupBy: 'key', from })
        const total = rows.reduce((sum, { requests }) => sum + requests, 0)
        expect(found.totals.requests).toBe(total)
        expect(found.series.length).toBeLessThanOrEqual(21)
        const points = found.series.flatMap((one) => one.points)
        expect(points.reduce((sum, { requests }) => sum + requests, 0)).toBe(total)
      }),
      { numRuns: 50 },
    )
  })

  test('puts the busiest first, by their names, and keeps the id of what has none any more', async () => {
    const at = Math.floor(now / hour) * hour
    const store = over([row(at, 1, 'key_a'), row(at, 9, 'key_gone')], { key_a: 'production' })
    const { series } = await value(store, { granularity: 'hour', groupBy: 'key' })
    expect(series.map(({ id, name }) => [id, name])).toEqual([
      ['key_gone', 'key_gone'],
      ['key_a', 'production'],
    ])
  })

  test.each([
    [{ granularity: 'year' }, 'granularity'],
    [{ granularity: 'toString' }, 'granularity'],
    [{ groupBy: 'mood' }, 'group_by'],
    [{ from: 'yesterday' }, 'from'],
    [{ to: 'soon' }, 'to'],
    [{ from: '2026-11-22T00:00:00Z', to: '2026-11-21T00:00:00Z' }, 'from'],
    [{ granularity: 'minute', from: '2026-10-01T00:00:00Z' }, 'granularity'],
  ])('refuses %o by its field', async (question, field) => {
    const found = await exploreUsage(over([]), question)
    expect(found.ok ? undefined : JSON.stringify(found.details)).toContain(`"${field}"`)
  })
})
