import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { eventSetHead, eventSetLine, type SetEvent } from '#domain/billing/event-set.ts'
import type { EventSet, UsageEvidence } from '#ports/usage-evidence.ts'
import type { StoredEvent, UsageSource, UsageTables } from './usage-tables.ts'

type EvidenceRow = Pick<StoredEvent, 'at' | 'id' | 'source_id' | 'units'>

const rowsAtOnce = 5_000
/** Sources that one statement merges: databases limit how many parts it has. Beyond, the database sorts. */
const mostParts = 100

/** Reads event sets from the usage table, a bounded number of rows at a time. */
export function createUsageEvidence<T>(database: Kysely<T>): UsageEvidence {
  const db = database as unknown as Kysely<UsageTables>
  return {
    async summarize(set, cuts) {
      const hash = createHash('sha256').update(eventSetHead)
      const units = [0, ...cuts.map(() => 0)]
      let segment = 0
      let events = 0
      for await (const page of pages(db, set)) {
        let text = ''
        for (const event of page) {
          while (segment < cuts.length && event.at >= (cuts[segment] ?? 0)) segment += 1
          units[segment] = (units[segment] ?? 0) + event.units
          text += eventSetLine(event)
        }
        events += page.length
        hash.update(text)
      }
      return { units, events, hash: hash.digest('hex') }
    },
    async *text(set) {
      yield eventSetHead
      for await (const page of pages(db, set)) yield page.map(eventSetLine).join('')
    },
  }
}

/** The rows of a set by time, id and source: an order that does not depend on how they were written. */
async function* pages(db: Kysely<UsageTables>, set: EventSet): AsyncIterable<readonly SetEvent[]> {
  const sources = await db
    .selectFrom('usage_sources')
    .select(['id', 'route_id', 'api_key_id'])
    .where('subscription_id', '=', set.subscriptionId)
    .execute()
  const byId = new Map(sources.map((source) => [Number(source.id), source]))
  let last: EvidenceRow | undefined
  do {
    const rows = await readPage(db, [...byId.keys()], set, last)
    if (rows.length > 0) yield rows.map((row) => evidenceOf(row, byId.get(Number(row.source_id))))
    last = rows.length < rowsAtOnce ? undefined : rows.at(-1)
  } while (last !== undefined)
}

// Each source lies in the order of time: a union of ordered parts is merged as it is read, and stops at the limit.
async function readPage(
  db: Kysely<UsageTables>,
  sourceIds: readonly number[],
  set: EventSet,
  after: EvidenceRow | undefined,
): Promise<readonly EvidenceRow[]> {
  if (sourceIds.length === 0) return []
  const isFew = sourceIds.length <= mostParts
  const parts = (isFew ? sourceIds.map((id) => [id]) : [sourceIds]).map((ids) => {
    const part = db
      .selectFrom('usage_events')
      .select(['at', 'id', 'source_id', 'units'])
      .where('source_id', 'in', ids)
      .where('at', '>=', after === undefined ? set.fromMs : Number(after.at))
      .where('at', '<', set.toMs)
      .where('arrival', '<=', set.upTo)
    if (after === undefined) return part
    return part.where((eb) =>
      eb(eb.refTuple('at', 'id', 'source_id'), '>', eb.tuple(after.at, after.id, after.source_id)),
    )
  })
  return parts
    .reduce((union, part) => union.unionAll(part))
    .orderBy('at')
    .orderBy('id')
    .orderBy('source_id')
    .limit(rowsAtOnce)
    .execute()
}

function evidenceOf(row: EvidenceRow, source: Pick<UsageSource, 'route_id' | 'api_key_id'> | undefined) {
  if (source === undefined) throw new Error('a usage event has no source')
  const { route_id, api_key_id } = source
  return { at: Number(row.at), id: row.id, units: Number(row.units), route_id, api_key_id }
}
