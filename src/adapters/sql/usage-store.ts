import { CompiledQuery, type Kysely, sql } from 'kysely'
import type { UsageEvent } from '#contract/usage-event.ts'
import type { JournalPosition, UsageGroup, UsageStore, UsageTotals } from '#ports/usage-store.ts'
import { rollUp } from './usage-rollups.ts'
import { type RollupRow, rollupKey, rollupSums, type UsageTables } from './usage-tables.ts'

const eventColumns = [
  'id',
  'at',
  'request_id',
  'organization_id',
  'api_id',
  'subscription_id',
  'plan_id',
  'api_key_id',
  'route_id',
  'method',
  'path',
  'status',
  'units',
  'request_bytes',
  'response_bytes',
  'duration_ms',
] as const satisfies readonly (keyof UsageEvent)[]

const rollupColumns = [...rollupKey, 'organization_id', 'api_id', 'plan_id', ...rollupSums] as const

/** Rows of one statement: enough to make its cost small, few enough for the limit on parameters. */
const maxRows = 50

/** Usage events, rollups and journal positions in a SQL database whose transactions start by taking the write lock. */
export function createUsageStore<T>(database: Kysely<T>): UsageStore {
  const db = database as unknown as Kysely<UsageTables>
  const eventStatement = statementBySize((size) => insertEvents(db, size))
  const rollupStatement = statementBySize((size) => addRollups(db, size))

  async function insertNew(transaction: Kysely<UsageTables>, events: readonly UsageEvent[]) {
    const inserted: UsageEvent[] = []
    for (let start = 0; start < events.length; start += maxRows) {
      const chunk = events.slice(start, start + maxRows)
      const query = CompiledQuery.raw(eventStatement(chunk.length), parametersOf(chunk, eventColumns))
      const { rows } = await transaction.executeQuery<{ id: string }>(query)
      if (rows.length === chunk.length) inserted.push(...chunk)
      else inserted.push(...firstOfEach(chunk, new Set(rows.map((row) => row.id))))
    }
    return inserted
  }

  async function addToRollups(transaction: Kysely<UsageTables>, rows: readonly RollupRow[]) {
    for (let start = 0; start < rows.length; start += maxRows) {
      const chunk = rows.slice(start, start + maxRows)
      await transaction.executeQuery(
        CompiledQuery.raw(rollupStatement(chunk.length), parametersOf(chunk, rollupColumns)),
      )
    }
  }

  return {
    position: (segment) => readPosition(db, segment),
    absorb: (events, position) =>
      db.transaction().execute(async (transaction) => {
        if (!(await movePosition(transaction, position))) return false
        await addToRollups(transaction, rollUp(await insertNew(transaction, events)))
        return true
      }),
    async forget(segment) {
      await db.deleteFrom('usage_journal_positions').where('segment', '=', segment).execute()
    },
    unitsBySubscription: (fromMs, toMs) => readUnits(db, fromMs, toMs),
    totals: (query) => readTotals(db, query),
  }
}

/** The text of a statement for a number of rows, built once: building it takes longer than running it. */
function statementBySize(build: (size: number) => string): (size: number) => string {
  const texts: (string | undefined)[] = []
  return (size) => {
    const text = texts[size] ?? build(size)
    texts[size] = text
    return text
  }
}

const rowsOf = <T>(columns: readonly string[], size: number): T[] =>
  Array.from({ length: size }, () => Object.fromEntries(columns.map((column) => [column, 0])) as T)

function parametersOf<T extends object>(rows: readonly T[], columns: readonly (keyof T)[]): unknown[] {
  const parameters: unknown[] = []
  for (const row of rows) for (const column of columns) parameters.push(row[column])
  return parameters
}

function insertEvents(db: Kysely<UsageTables>, size: number): string {
  return db
    .insertInto('usage_events')
    .values(rowsOf<UsageEvent>(eventColumns, size))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .compile().sql
}

function addRollups(db: Kysely<UsageTables>, size: number): string {
  return db
    .insertInto('usage_rollups')
    .values(rowsOf<RollupRow>(rollupColumns, size))
    .onConflict((conflict) =>
      conflict.columns(rollupKey).doUpdateSet((eb) => ({
        plan_id: eb.ref('excluded.plan_id'),
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

/** The events whose id was inserted; an id that stands twice in one statement was inserted the first time. */
function firstOfEach(events: readonly UsageEvent[], insertedIds: Set<string>): UsageEvent[] {
  return events.filter((event) => insertedIds.delete(event.id))
}

/** Moves a position from where the caller read; false when it stands elsewhere. Locks it until the transaction ends. */
async function movePosition(
  db: Kysely<UsageTables>,
  { segment, from, offset }: JournalPosition & { readonly from: number },
): Promise<boolean> {
  const moved =
    from === 0
      ? await db
          .insertInto('usage_journal_positions')
          .values({ segment, offset })
          .onConflict((conflict) =>
            conflict
              .column('segment')
              .doUpdateSet({ offset })
              .where('usage_journal_positions.offset', '=', from),
          )
          .returning('segment')
          .execute()
      : await db
          .updateTable('usage_journal_positions')
          .set({ offset })
          .where('segment', '=', segment)
          .where('offset', '=', from)
          .returning('segment')
          .execute()
  return moved.length === 1
}

async function readPosition(db: Kysely<UsageTables>, segment: string): Promise<number> {
  const row = await db
    .selectFrom('usage_journal_positions')
    .select('offset')
    .where('segment', '=', segment)
    .executeTakeFirst()
  return Number(row?.offset ?? 0)
}

async function readUnits(db: Kysely<UsageTables>, fromMs: number, toMs: number) {
  const rows = await db
    .selectFrom('usage_rollups')
    .select((eb) => ['subscription_id', eb.fn.sum('units').as('units')])
    .where('granularity', '=', 'day')
    .where('start', '>=', fromMs)
    .where('start', '<', toMs)
    .groupBy('subscription_id')
    .execute()
  return new Map(rows.map((row) => [row.subscription_id, Number(row.units)]))
}

async function readTotals(db: Kysely<UsageTables>, query: Parameters<UsageStore['totals']>[0]) {
  let select = db
    .selectFrom('usage_rollups')
    .select((eb) => rollupSums.map((name) => eb.fn.coalesce(eb.fn.sum(name), sql.lit(0)).as(name)))
    .where('granularity', '=', query.granularity)
    .where('start', '>=', query.fromMs)
    .where('start', '<', query.toMs)
  for (const name of query.groupBy) select = select.select(name).groupBy(name).orderBy(name)
  if (query.organizationId !== undefined) {
    select = select.where('organization_id', '=', query.organizationId)
  }
  if (query.subscriptionId !== undefined) {
    select = select.where('subscription_id', '=', query.subscriptionId)
  }
  const rows = await select.execute()
  return rows.map((row) => totalsOf(row, query.groupBy))
}

function totalsOf(row: Readonly<Record<string, unknown>>, groupBy: readonly UsageGroup[]) {
  const sums = Object.fromEntries(rollupSums.map((name) => [name, Number(row[name])]))
  const groups = groupBy.map((name) => [
    name,
    name === 'start' ? new Date(Number(row[name])).toISOString() : String(row[name]),
  ])
  return { ...sums, ...Object.fromEntries(groups) } as unknown as UsageTotals &
    Partial<Record<UsageGroup, string>>
}
