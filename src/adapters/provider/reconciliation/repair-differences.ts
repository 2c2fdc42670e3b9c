import { systemActor } from '#contract/actor.ts'
import type { DataSourceCapability } from '#contract/capabilities.gen.ts'
import { accept, type Outcome } from '#contract/outcome.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import type { Values } from './differences.ts'
import type { ComparePlan, Difference } from './find-differences.ts'

/** How many differences were put right, how many were not, and of those the first reasons. */
export interface Repaired {
  readonly repaired: number
  readonly failed: number
  readonly failures: readonly { readonly key: string | null; readonly reason: string }[]
}

interface RepairParts {
  readonly records: Records
  readonly invoke: Invoke
  readonly source: DataSourceCapability
  readonly newId: () => string
}

type RepairPlan = ComparePlan & { readonly direction: 'local' | 'external' }

const mostFailures = 100

/** Makes one side like the other, difference by difference: ours with `local`, theirs with `external`. Nothing is ever deleted. */
export async function repairDifferences(
  parts: RepairParts,
  plan: RepairPlan,
  differences: readonly Difference[],
): Promise<Repaired> {
  const failures: { key: string | null; reason: string }[] = []
  let [repaired, failed] = [0, 0]
  for (const difference of differences) {
    const outcome =
      plan.direction === 'local'
        ? await repairOurs(parts, plan, difference)
        : await repairTheirs(parts, plan, difference)
    if (outcome === undefined) continue
    if (outcome.ok) repaired += 1
    else {
      failed += 1
      if (failures.length < mostFailures) failures.push({ key: difference.key, reason: outcome.message })
    }
  }
  return { repaired, failed, failures }
}

/** Undefined where this side is not the one that lacks something. */
async function repairOurs(
  parts: RepairParts,
  plan: RepairPlan,
  { kind, key, local_id: id, fields }: Difference,
): Promise<Outcome<unknown> | undefined> {
  const { module } = plan
  const input = Object.fromEntries(fields.map(({ field, external }) => [field, external]))
  const write = { module, input, actor: systemActor, requestId: parts.newId() }
  if (kind === 'different' && id !== null) return parts.invoke({ ...write, action: 'update', id })
  if (kind !== 'missing_local' || key === null) return undefined
  const made = await parts.invoke({ ...write, action: 'create' })
  if (!made.ok) return made
  return map(parts, plan, made.value.row.id, key)
}

async function repairTheirs(
  parts: RepairParts,
  plan: RepairPlan,
  { kind, key, local_id: id, fields }: Difference,
): Promise<Outcome<unknown> | undefined> {
  if (kind === 'missing_local' || id === null) return undefined
  const columns =
    kind === 'different'
      ? fields.map(({ field, local }) => [plan.fields[field] ?? field, local] as const)
      : await ownValues(parts.records, plan, id)
  const external = key ?? id
  const row = { ...Object.fromEntries(columns), [plan.key]: external }
  const written = await parts.source.write({ table: plan.table, key: plan.key, rows: [row] })
  if (!written.ok || key !== null) return written
  return map(parts, plan, id, external)
}

async function ownValues(records: Records, plan: RepairPlan, id: string) {
  const record = (await records.get(plan.module as 'setting', id)) as Values | undefined
  return Object.entries(plan.fields).map(([field, column]) => [column, record?.[field] ?? null] as const)
}

/** Remembers which of theirs is ours; a mapping whose record is gone makes room for it. */
async function map(
  { records, invoke, newId }: RepairParts,
  { provider, module }: RepairPlan,
  local: string,
  external: string,
): Promise<Outcome<unknown>> {
  const write = { module: 'provider_mapping', actor: systemActor, requestId: newId() }
  const where = [
    { field: 'provider', op: 'eq', value: provider },
    { field: 'entity_type', op: 'eq', value: module },
    { field: 'external_id', op: 'eq', value: external },
  ] as const
  const { items } = await records.list('provider_mapping', { where, limit: 1 })
  const [stale] = items
  if (stale !== undefined) {
    const gone = await invoke({ ...write, action: 'delete', id: stale.id })
    if (!gone.ok) return gone
  }
  const input = { provider, entity_type: module, local_id: local, external_id: external }
  const made = await invoke({ ...write, action: 'create', input })
  return made.ok ? accept(undefined) : made
}
