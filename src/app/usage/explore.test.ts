import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { migrate } from '#adapters/sql/migrate.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import type { Records } from '#ports/records.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { november, usageEvent } from '#test/usage/usage-events.ts'
import { exploreUsage } from './explore.ts'

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
