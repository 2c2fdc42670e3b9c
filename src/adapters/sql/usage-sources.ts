import { type Kysely, type SqlBool, sql } from 'kysely'
import type { UsageEvent } from '#contract/usage-event.ts'
import { type SourcedEvents, sourceColumns, type UsageSource, type UsageTables } from './usage-tables.ts'

/** Events that share their source. */
export interface SourceGroup {
  readonly source: UsageSource
  readonly events: readonly UsageEvent[]
}

/** Events with the numbers of their sources, and the numbers that had to be asked for. */
export interface Identified {
  readonly sourced: readonly SourcedEvents[]
  readonly learned: ReadonlyMap<string, number>
}

/** The numbers of sources, as far as they are known without asking the database. */
export interface KnownSources {
  /** Finds the numbers in a transaction, which stores the sources that are new. */
  identify(transaction: Kysely<UsageTables>, groups: readonly SourceGroup[]): Promise<Identified>
  /** Keeps numbers for later. Only after the transaction that learned them was committed. */
  remember(learned: ReadonlyMap<string, number>): void
}

interface OpenGroup {
  readonly source: UsageSource
  readonly events: UsageEvent[]
}

/** Splits events by source; the events of a group stay in their order. */
export function groupBySource(events: readonly UsageEvent[]): readonly SourceGroup[] {
  const groups: OpenGroup[] = []
  const candidates = new Map<string, OpenGroup[]>()
  let last: OpenGroup | undefined
  for (const event of events) {
    if (last === undefined || !isSameSource(last.source, event)) {
      last = findGroup(candidates, event)
      if (last.events.length === 0) groups.push(last)
    }
    last.events.push(event)
  }
  return groups
}

// A key and a route nearly always say the whole source: hashing two texts instead of six is what makes this cheap.
function findGroup(candidates: Map<string, OpenGroup[]>, source: UsageSource): OpenGroup {
  const key = source.api_key_id + source.route_id
  const alike = candidates.get(key)
  const known = alike?.find((group) => isSameSource(group.source, source))
  if (known !== undefined) return known
  const group = { source, events: [] }
  if (alike === undefined) candidates.set(key, [group])
  else alike.push(group)
  return group
}

const isSameSource = (a: UsageSource, b: UsageSource): boolean =>
  a.route_id === b.route_id &&
  a.api_key_id === b.api_key_id &&
  a.subscription_id === b.subscription_id &&
  a.plan_id === b.plan_id &&
  a.organization_id === b.organization_id &&
  a.api_id === b.api_id

/** Remembers the numbers of so many sources, the oldest first out. */
export function createKnownSources(mostSources = 20_000): KnownSources {
  const known = new Map<string, number>()
  return {
    async identify(transaction, groups) {
      const keyed = groups.map((group) => ({ ...group, key: keyOf(group.source) }))
      // One order for all writers, so that two of them that meet the same new sources never wait for each other.
      const unknown = keyed.filter(({ key }) => !known.has(key)).sort((a, b) => (a.key < b.key ? -1 : 1))
      const learned = await readOrMake(
        transaction,
        unknown.map(({ source }) => source),
      )
      const sourced = keyed.map(({ key, source, events }): SourcedEvents => {
        const sourceId = known.get(key) ?? learned.get(key)
        if (sourceId === undefined) throw new Error('a usage source is neither known nor stored')
        return { sourceId, subscriptionId: source.subscription_id, events }
      })
      return { sourced, learned }
    },
    remember(learned) {
      for (const [key, sourceId] of learned) known.set(key, sourceId)
      for (const key of known.keys()) {
        if (known.size <= mostSources) return
        known.delete(key)
      }
    },
  }
}

const keyOf = (source: UsageSource): string => JSON.stringify(sourceColumns.map((column) => source[column]))

/** Few enough for the number of parameters that every database takes. */
const sourcesAtOnce = 100

const columns = sql.join(sourceColumns.map((name) => sql.ref(name)))
const valuesOf = (source: UsageSource) => sql`(${sql.join(sourceColumns.map((name) => source[name]))})`

async function readOrMake(
  transaction: Kysely<UsageTables>,
  sources: readonly UsageSource[],
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map<string, number>()
  for (let start = 0; start < sources.length; start += sourcesAtOnce) {
    const part = sources
      .slice(start, start + sourcesAtOnce)
      .map((source) => Object.fromEntries(sourceColumns.map((name) => [name, source[name]])) as UsageSource)
    await transaction
      .insertInto('usage_sources')
      .values(part)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const rows = await transaction
      .selectFrom('usage_sources')
      .selectAll()
      .where(sql<SqlBool>`(${columns}) in (values ${sql.join(part.map(valuesOf))})`)
      .execute()
    for (const row of rows) numbers.set(keyOf(row), Number(row.id))
  }
  return numbers
}
