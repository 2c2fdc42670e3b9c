import { CompiledQuery, type Kysely } from 'kysely'
import type { UsageEvent } from '#contract/usage-event.ts'
import {
  eventColumns,
  type RollupRow,
  rollupKey,
  rollupSums,
  type SourcedEvents,
  type StoredEvent,
  type UsageTables,
} from './usage-tables.ts'

/** Rows of one statement: enough to make its cost small, few enough for the limit on parameters. */
const maxRows = 50

type Insert = (
  transaction: Kysely<UsageTables>,
  sourced: readonly SourcedEvents[],
  arrival: number,
) => Promise<readonly SourcedEvents[]>

/** Ends a transaction that met events which were stored before: only a position that was lost brings them back. */
export class EventsKnown extends Error {}

/** The statements of the hot path. Their texts are built once: building one takes longer than running it. */
export interface UsageStatements {
  /** Inserts events that are all new; throws EventsKnown when one is not, and the transaction must then be given up. */
  readonly insertAll: Insert
  /** Inserts events one by one, and answers those that were not stored before. */
  readonly insertEach: Insert
  /** Adds rows to the rollups. */
  addToRollups(transaction: Kysely<UsageTables>, rows: readonly RollupRow[]): Promise<void>
}

/** Statements for a database of this kind. */
export function createUsageStatements(db: Kysely<UsageTables>): UsageStatements {
  const eventText = textBySize((size) => insertEvents(db, size))
  const rollupText = textBySize((size) => addRollups(db, size))

  async function insert(transaction: Kysely<UsageTables>, rows: number, parameters: unknown[]) {
    const result = await transaction.executeQuery(CompiledQuery.raw(eventText(rows), parameters))
    return Number(result.numAffectedRows) === rows
  }

  async function insertNew(transaction: Kysely<UsageTables>, rows: number, parameters: unknown[]) {
    if (!(await insert(transaction, rows, parameters))) throw new EventsKnown()
  }

  return {
    async insertAll(transaction, sourced, arrival) {
      let parameters: unknown[] = []
      let rows = 0
      for (const { sourceId, events } of sourced) {
        for (const event of events) {
          pushEvent(parameters, sourceId, event, arrival)
          rows += 1
          if (rows < maxRows) continue
          await insertNew(transaction, rows, parameters)
          parameters = []
          rows = 0
        }
      }
      if (rows > 0) await insertNew(transaction, rows, parameters)
      return sourced
    },
    async insertEach(transaction, sourced, arrival) {
      const inserted: SourcedEvents[] = []
      for (const { sourceId, subscriptionId, events } of sourced) {
        const fresh: UsageEvent[] = []
        for (const event of events) {
          const parameters: unknown[] = []
          pushEvent(parameters, sourceId, event, arrival)
          if (await insert(transaction, 1, parameters)) fresh.push(event)
        }
        inserted.push({ sourceId, subscriptionId, events: fresh })
      }
      return inserted
    },
    async addToRollups(transaction, rows) {
      for (let start = 0; start < rows.length; start += maxRows) {
        const chunk = rows.slice(start, start + maxRows)
        const parameters = chunk.flatMap((row) => rollupColumns.map((column) => row[column]))
        await transaction.executeQuery(CompiledQuery.raw(rollupText(chunk.length), parameters))
      }
    },
  }
}

/** In the order of the columns; a loop over their names would cost as much as the rest of the path in front of the database. */
function pushEvent(parameters: unknown[], sourceId: number, event: UsageEvent, arrival: number): void {
  parameters.push(
    sourceId,
    event.at,
    event.id,
    event.request_id === event.id ? null : event.request_id,
    event.method,
    event.path,
    event.status,
    event.units,
    event.request_bytes,
    event.response_bytes,
    event.duration_ms,
    arrival,
  )
}

const rollupColumns = [...rollupKey, ...rollupSums] as const

function textBySize(build: (size: number) => string): (size: number) => string {
  const texts: (string | undefined)[] = []
  return (size) => {
    const text = texts[size] ?? build(size)
    texts[size] = text
    return text
  }
}

const rowsOf = <T>(columns: readonly string[], size: number): T[] =>
  Array.from({ length: size }, () => Object.fromEntries(columns.map((column) => [column, 0])) as T)

function insertEvents(db: Kysely<UsageTables>, size: number): string {
  return db
    .insertInto('usage_events')
    .values(rowsOf<StoredEvent & { readonly arrival: number }>([...eventColumns, 'arrival'], size))
    .onConflict((conflict) => conflict.doNothing())
    .compile().sql
}

function addRollups(db: Kysely<UsageTables>, size: number): string {
  return db
    .insertInto('usage_rollups')
    .values(rowsOf<RollupRow>(rollupColumns, size))
    .onConflict((conflict) =>
      conflict.columns(rollupKey).doUpdateSet((eb) => ({
        requests: eb('usage_rollups.requests', '+', eb.ref('excluded.requests')),
        units: eb('usage_rollups.units', '+', eb.ref('excluded.units')),
        errors: eb('usage_rollups.errors', '+', eb.ref('excluded.errors')),
        request_bytes: eb('usage_rollups.request_bytes', '+', eb.ref('excluded.request_bytes')),
        response_bytes: eb('usage_rollups.response_bytes', '+', eb.ref('excluded.response_bytes')),
        duration_ms: eb('usage_rollups.duration_ms', '+', eb.ref('excluded.duration_ms')),
      })),
    )
    .compile().sql
}
