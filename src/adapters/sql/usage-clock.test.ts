import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { UsageEvent } from '#contract/usage-event.ts'
import { monthOf } from '#domain/period.ts'
import type { LateEvent, UsageCutOff } from '#ports/usage-cut-off.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { openTestDatabase } from '#test/support/test-database.ts'
import { november, usageEvent } from '#test/usage/usage-events.ts'
import { migrate } from './migrate.ts'
import type { OpenDatabase } from './open-database.ts'
import { createUsageCutOff } from './usage-clock.ts'
import { createUsageStore } from './usage-store.ts'
import type { UsageTables } from './usage-tables.ts'

const migrations = new URL('../../../migrations', import.meta.url).pathname
const monthEnd = monthOf(november).end

let database: OpenDatabase
let store: UsageStore
let cutOff: UsageCutOff
beforeEach(open)
afterEach(() => database.close())

async function open() {
  database = await openTestDatabase()
  await migrate(database.db, migrations, new Date(november))
  store = createUsageStore(database.db)
  cutOff = createUsageCutOff(database.db)
}

let slices = 0
const absorb = (events: readonly UsageEvent[], into = store) => {
  slices += 1
  return into.absorb(events, { segment: `segment-${slices}`, from: 0, offset: 1 })
}

const arrivals = async () => {
  const rows = await database.db
    .withTables<Pick<UsageTables, 'usage_events'>>()
    .selectFrom('usage_events')
    .select(['id', 'at', 'arrival'])
    .orderBy('arrival')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...row, at: Number(row.at), arrival: Number(row.arrival) }))
}

const allLate = (after = 0) => cutOff.late({ after: { arrival: after }, upTo: 2 ** 50, limit: 1000 })

test('events of one write arrive together, and each write after the one before it', async () => {
  await absorb(['a', 'b'].map((id) => usageEvent({ id })))
  await absorb([usageEvent({ id: 'c' })])
  expect((await arrivals()).map(({ id, arrival }) => [id, arrival])).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', 2],
  ])
  expect(await cutOff.closeBefore(monthEnd)).toBe(2)
})

test('an event that is stored already keeps the arrival that it had, and is not late', async () => {
  await absorb([usageEvent({ id: 'a' })])
  await cutOff.closeBefore(monthEnd)
  await absorb([usageEvent({ id: 'a' }), usageEvent({ id: 'b' })])
  expect((await arrivals()).map(({ id, arrival }) => [id, arrival])).toEqual([
    ['a', 1],
    ['b', 2],
  ])
  expect((await allLate()).map(({ id }) => id)).toEqual(['b'])
})

test('a write that fails leaves no arrival behind', async () => {
  const broken = { ...usageEvent({ id: 'z' }), path: null } as unknown as UsageEvent
  await expect(absorb([broken])).rejects.toThrow(/not.null/i)
  await absorb([usageEvent({ id: 'a' })])
  expect((await arrivals()).map(({ arrival }) => arrival)).toEqual([1])
})

test('what comes for a time that is closed is noted with what it costs and for whom; what comes for later is not', async () => {
  await cutOff.closeBefore(monthEnd)
  await absorb([
    usageEvent({ id: 'late', at: monthEnd - 1, units: 7, subscription_id: 'sub_9' }),
    usageEvent({ id: 'now', at: monthEnd }),
  ])
  expect(await allLate()).toEqual([
    {
      arrival: 1,
      source_id: expect.any(Number),
      at: monthEnd - 1,
      id: 'late',
      subscription_id: 'sub_9',
      units: 7,
    },
  ])
})

test('time that is closed stays closed', async () => {
  await cutOff.closeBefore(monthEnd)
  await cutOff.closeBefore(monthOf(november).start)
  await absorb([usageEvent({ id: 'a' })])
  expect(await allLate()).toHaveLength(1)
})

test('late events are read page by page, each once', async () => {
  await cutOff.closeBefore(monthEnd)
  const ids = Array.from({ length: 230 }, (_, index) => `use_${String(index).padStart(3, '0')}`)
  await absorb(ids.map((id) => usageEvent({ id })))
  const read: LateEvent[] = []
  for (;;) {
    const page = await cutOff.late({ after: read.at(-1) ?? { arrival: 0 }, upTo: 2 ** 50, limit: 50 })
    if (page.length === 0) break
    read.push(...page)
  }
  expect(read.map(({ id }) => id)).toEqual(ids)
})

test('with two that write while periods are closed, each event is either before a cut-off or late: none is both or neither', async () => {
  const moments = [november, monthEnd - 1, monthEnd, monthEnd + 5_000]
  const steps = fc.array(
    fc.oneof(
      fc.record({ write: fc.array(fc.constantFrom(...moments), { minLength: 1, maxLength: 4 }) }),
      fc.record({ close: fc.constantFrom(monthEnd, monthEnd + 1) }),
    ),
    { minLength: 2, maxLength: 14 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async (work) => {
      await database.close()
      await open()
      const other = createUsageStore(database.db)
      let made = 0
      const closings: { before: number; arrival: number }[] = []
      await Promise.all(
        work.map(async (step, index) => {
          if ('close' in step) {
            closings.push({ before: step.close, arrival: await cutOff.closeBefore(step.close) })
            return
          }
          const events = step.write.map((at) => usageEvent({ id: `use_${made++}`, at }))
          await absorb(events, index % 2 === 0 ? store : other)
        }),
      )
      const events = await arrivals()
      const late = new Set((await allLate()).map(({ id, arrival }) => `${id} ${arrival}`))
      for (const { before, arrival } of closings)
        for (const event of events.filter(({ at }) => at < before))
          if (event.arrival > arrival) expect(late.has(`${event.id} ${event.arrival}`)).toBe(true)
      const firstClosing = Math.min(...closings.map(({ arrival }) => arrival))
      for (const event of events)
        if (event.arrival <= firstClosing) expect(late.has(`${event.id} ${event.arrival}`)).toBe(false)
    }),
    { numRuns: 25 },
  )
})
