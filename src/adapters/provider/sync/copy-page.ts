import { accept, type Outcome, type Refusal } from '#contract/outcome.ts'
import type { BoundCapability } from '#ports/capability/capabilities.ts'
import type { SyncFailure } from './sync-state.ts'

type Row = Readonly<Record<string, unknown>>

/** What is copied, from where to where. */
export interface CopyPlan {
  readonly source: BoundCapability
  readonly target: BoundCapability
  readonly sourceTable: string
  readonly targetTable: string
  readonly key: string
  readonly watermark: string
  /** Target columns by the source columns they come from; undefined keeps the names. */
  readonly map: Readonly<Record<string, string>> | undefined
  readonly pageSize: number
  readonly isDry: boolean
}

/** What became of one page. */
export interface CopiedPage {
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
  readonly failures: readonly SyncFailure[]
  /** Where the next page begins. */
  readonly position: unknown
  readonly hasMore: boolean
}

interface Counts {
  readonly inserted: number
  readonly updated: number
  readonly unchanged: number
}

const ofTheRows: readonly string[] = ['conflict', 'validation_error']

/** Copies the rows after a position. A page that the target does not take is tried row by row, so that one bad row stops nothing. */
export async function copyPage(plan: CopyPlan, position: unknown): Promise<Outcome<CopiedPage>> {
  const { key, watermark, map } = plan
  const columns = map === undefined ? {} : { columns: [...new Set([...Object.values(map), key, watermark])] }
  const page = await plan.source.call('read', {
    table: plan.sourceTable,
    order_by: watermark,
    key,
    limit: plan.pageSize,
    ...columns,
    ...(position === undefined ? {} : { after: position }),
  })
  if (!page.ok) return page
  const rows = page.value['rows'] as readonly Row[]
  const last = rows.at(-1)
  const next = last === undefined ? position : [last[watermark], last[key]]
  const mapped = rows.map((row) =>
    map === undefined
      ? row
      : Object.fromEntries(Object.entries(map).map(([target, source]) => [target, row[source]])),
  )
  const written = await writeAll(plan, mapped, targetKey(plan))
  if (!written.ok) return written
  return accept({
    ...written.value,
    read: rows.length,
    position: next,
    hasMore: page.value['has_more'] === true,
  })
}

/** The target's column that the key goes to. */
const targetKey = ({ key, map }: Pick<CopyPlan, 'key' | 'map'>): string =>
  Object.entries(map ?? {}).find(([, source]) => source === key)?.[0] ?? key

async function writeAll(
  plan: CopyPlan,
  rows: readonly Row[],
  key: string,
): Promise<Outcome<Counts & { readonly failures: readonly SyncFailure[] }>> {
  const write = (some: readonly Row[]) =>
    plan.target.call('write', { table: plan.targetTable, key, rows: some, dry_run: plan.isDry })
  const counts = { inserted: 0, updated: 0, unchanged: 0 }
  const add = (more: Readonly<Record<string, unknown>>): void => {
    for (const name of ['inserted', 'updated', 'unchanged'] as const) counts[name] += Number(more[name])
  }
  if (rows.length === 0) return accept({ ...counts, failures: [] })
  const whole = await write(rows)
  if (whole.ok) {
    add(whole.value)
    return accept({ ...counts, failures: [] })
  }
  if (!isOfTheRows(whole) || rows.length === 0) return whole
  const failures: SyncFailure[] = []
  for (const row of rows) {
    const one = await write([row])
    if (one.ok) add(one.value)
    else if (isOfTheRows(one)) failures.push({ key: row[key], reason: one.message })
    else return one
  }
  return accept({ ...counts, failures })
}

const isOfTheRows = ({ code }: Refusal): boolean => ofTheRows.includes(code)
