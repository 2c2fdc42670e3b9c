import { CompiledQuery, type Kysely } from 'kysely'
import type { UsageEvent } from '#contract/usage-event.ts'
import { EventsKnown, type UsageStatements } from './usage-statements.ts'
import { eventColumns, rollupKey, rollupSums, type SourcedEvents, type UsageTables } from './usage-tables.ts'

const rollupColumns = [...rollupKey, ...rollupSums] as const
const texts: ReadonlySet<string> = new Set(['id', 'request_id', 'method', 'path', 'granularity'])
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

/** A whole batch as one list for each column, so that it takes one round trip and one statement text whatever its size. */
const rowsFrom = (names: readonly string[]): string =>
  `select * from unnest(${names.map((name, at) => `$${at + 1}::${texts.has(name) ? 'text' : 'bigint'}[]`).join(', ')})`

/** The arrival is the same for the whole batch, and given once. */
const insertEvents = `insert into usage_events (${quoted([...eventColumns, 'arrival'])})
  select *, $${eventColumns.length + 1}::bigint from (${rowsFrom(eventColumns)}) as batch on conflict do nothing`
const insertAndTell = `${insertEvents} returning source_id, at, id`
const addRollups = `insert into usage_rollups (${quoted(rollupColumns)}) ${rowsFrom(rollupColumns)}
  on conflict (${quoted(rollupKey)}) do update set ${rollupSums
    .map((name) => `"${name}" = usage_rollups."${name}" + excluded."${name}"`)
    .join(', ')}`

function listsOf(sourced: readonly SourcedEvents[]): unknown[][] {
  const lists: unknown[][] = eventColumns.map(() => [])
  for (const { sourceId, events } of sourced) {
    for (const event of events) {
      for (const [at, name] of eventColumns.entries()) lists[at]?.push(cellOf(sourceId, event, name))
    }
  }
  return lists
}

function cellOf(sourceId: number, event: UsageEvent, name: (typeof eventColumns)[number]): unknown {
  if (name === 'source_id') return sourceId
  if (name === 'request_id') return event.request_id === event.id ? null : event.request_id
  return event[name]
}

const identityOf = (sourceId: number, at: number, id: string): string => `${sourceId} ${at} ${id}`

/** The statements of the usage table on PostgreSQL. */
export const postgresUsageStatements: UsageStatements = {
  async insertAll(transaction, sourced, arrival) {
    const lists = listsOf(sourced)
    if (lists[0]?.length === 0) return sourced
    const result = await transaction.executeQuery(CompiledQuery.raw(insertEvents, [...lists, arrival]))
    if (Number(result.numAffectedRows) !== lists[0]?.length) throw new EventsKnown()
    return sourced
  },
  async insertEach(transaction, sourced, arrival) {
    const result = await transaction.executeQuery(
      CompiledQuery.raw(insertAndTell, [...listsOf(sourced), arrival]) as CompiledQuery<{
        source_id: number
        at: number
        id: string
      }>,
    )
    const fresh = new Set(result.rows.map((row) => identityOf(row.source_id, row.at, row.id)))
    return sourced.map(({ sourceId, subscriptionId, events }) => ({
      sourceId,
      subscriptionId,
      // An event that stands twice in the batch was inserted once.
      events: events.filter((event) => fresh.delete(identityOf(sourceId, event.at, event.id))),
    }))
  },
  async addToRollups(transaction: Kysely<UsageTables>, rows) {
    if (rows.length === 0) return
    const lists = rollupColumns.map((name) => rows.map((row) => row[name]))
    await transaction.executeQuery(CompiledQuery.raw(addRollups, lists))
  },
}
