import type { DataSourceCapability } from '#contract/capabilities.gen.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Records } from '#ports/records.ts'
import { differingFields, type FieldDifference, type Values } from './differences.ts'

/** What is compared with what. */
export interface ComparePlan {
  readonly module: string
  /** As provider mappings name it. */
  readonly provider: string
  readonly table: string
  /** The column with the id that mappings call external. */
  readonly key: string
  /** Their columns by our fields. */
  readonly fields: Readonly<Record<string, string>>
  readonly mostRecords: number
}

/** One difference; `key` is the external id, null for a record of ours that has none. */
export interface Difference {
  readonly key: string | null
  readonly local_id: string | null
  readonly kind: 'missing_local' | 'missing_external' | 'different'
  readonly fields: readonly FieldDifference[]
}

interface Mappings {
  readonly localByExternal: ReadonlyMap<string, string>
  readonly externalByLocal: ReadonlyMap<string, string>
}

const pageSize = 1_000

const tooMany = (most: number) =>
  refuse('conflict', `There are more than ${most} records to compare: raise most_records of the provider`)

/** Reads both sides, page by page, and answers what differs. Only ids are held, and no more than allowed. */
export async function findDifferences(
  deps: { readonly records: Records; readonly source: DataSourceCapability },
  plan: ComparePlan,
): Promise<Outcome<{ readonly matched: number; readonly differences: readonly Difference[] }>> {
  const { records, source } = deps
  const mappings = await readMappings(records, plan)
  if (mappings === undefined) return tooMany(plan.mostRecords)
  const differences: Difference[] = []
  const seen = new Set<string>()
  let matched = 0
  for (let after: unknown; ; ) {
    const page = await source.read({
      table: plan.table,
      order_by: plan.key,
      key: plan.key,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    })
    if (!page.ok) return page
    for (const row of page.value.rows as readonly Values[]) {
      after = [row[plan.key], row[plan.key]]
      const key = String(row[plan.key])
      if (seen.size === plan.mostRecords) return tooMany(plan.mostRecords)
      seen.add(key)
      const difference = await compareRow(records, plan, mappings, key, row)
      if (difference === undefined) matched += 1
      else differences.push(difference)
    }
    if (!page.value.has_more) break
  }
  let count = 0
  // The module is known only when this runs.
  for await (const { id } of records.each(plan.module as 'setting')) {
    if (++count > plan.mostRecords) return tooMany(plan.mostRecords)
    const key = mappings.externalByLocal.get(id) ?? null
    if (key === null || !seen.has(key))
      differences.push({ key, local_id: id, kind: 'missing_external', fields: [] })
  }
  return accept({ matched, differences })
}

async function readMappings(records: Records, plan: ComparePlan): Promise<Mappings | undefined> {
  const localByExternal = new Map<string, string>()
  const externalByLocal = new Map<string, string>()
  const where = [
    { field: 'provider', op: 'eq', value: plan.provider },
    { field: 'entity_type', op: 'eq', value: plan.module },
  ] as const
  for await (const { local_id: local, external_id: external } of records.each('provider_mapping', where)) {
    localByExternal.set(external, local)
    externalByLocal.set(local, external)
    if (localByExternal.size > plan.mostRecords) return undefined
  }
  return { localByExternal, externalByLocal }
}

async function compareRow(
  records: Records,
  plan: ComparePlan,
  { localByExternal }: Mappings,
  key: string,
  row: Values,
): Promise<Difference | undefined> {
  const local = localByExternal.get(key)
  const record = local === undefined ? undefined : await records.get(plan.module as 'setting', local)
  const theirs = Object.entries(plan.fields).map(([field, column]) => ({
    field,
    local: null,
    external: row[column] ?? null,
  }))
  if (record === undefined) return { key, local_id: null, kind: 'missing_local', fields: theirs }
  const fields = differingFields(record as unknown as Values, row, plan.fields)
  return fields.length === 0 ? undefined : { key, local_id: record.id, kind: 'different', fields }
}
