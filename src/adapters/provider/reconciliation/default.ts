import { accept, type FieldProblem, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { differingFields, type Values } from './differences.ts'
import { findDifferences } from './find-differences.ts'
import { repairDifferences } from './repair-differences.ts'

type Actions = ProviderActions<'reconciliation'>
type RunInput = Parameters<NonNullable<Actions['run']>>[0]

/** What comparing our records needs. */
export interface ReconciliationParts {
  readonly records: Records
  readonly invoke: Invoke
  /** The fields of a module that may be shown; undefined when there is no such module. */
  readonly fieldsOf: (module: string) => ReadonlySet<string> | undefined
}

const mostRows = 100_000

const isRows = (value: unknown): value is Values[] =>
  Array.isArray(value) &&
  value.length <= mostRows &&
  value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))

const isNames = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length > 0 &&
  Object.values(value).every((one) => typeof one === 'string')

/** Compares two lists, or our records with rows of a data source, and puts right what differs where that is asked for. */
export function createReconciliation(parts: ReconciliationParts): OpenProviderCode<Actions> {
  return (host) => ({
    actions: {
      async compare({ local, external, key, fields }) {
        const [ours, theirs] = [byKey(local, key), byKey(external, key)]
        if (ours === undefined) return refuseFields([{ field: 'local', reason: wrongList(key) }])
        if (theirs === undefined) return refuseFields([{ field: 'external', reason: wrongList(key) }])
        if (!Array.isArray(fields) || !fields.every((one) => typeof one === 'string'))
          return refuseFields([{ field: 'fields', reason: 'must be a list of names' }])
        return accept(compareLists(ours, theirs, fields as readonly string[]))
      },
      async run(input) {
        const checked = checkRun(parts, input)
        if (!checked.ok) return checked
        const plan = { ...input, fields: checked.value, mostRecords: Number(host.config['most_records']) }
        const source = host.capabilities.capability('data_source', { instance: input.source_instance })
        const found = await findDifferences({ records: parts.records, source }, plan)
        if (!found.ok || input.repair === undefined || input.repair === 'none')
          return found.ok ? accept({ ...found.value, repaired: 0, failed: 0 }) : found
        const { differences } = found.value
        const repaired = await repairDifferences(
          { ...parts, source, newId: () => host.ids.next('req') },
          { ...plan, direction: input.repair },
          differences,
        )
        return accept({ ...found.value, ...repaired })
      },
    },
  })
}

const wrongList = (key: string): string =>
  `must be a list of at most ${mostRows} objects, each with a "${key}" of its own`

function byKey(rows: unknown, key: string): ReadonlyMap<string, Values> | undefined {
  if (!isRows(rows)) return undefined
  const found = new Map(rows.map((row) => [String(row[key] ?? ''), row]))
  return found.size === rows.length && !found.has('') ? found : undefined
}

function compareLists(
  local: ReadonlyMap<string, Values>,
  external: ReadonlyMap<string, Values>,
  names: readonly string[],
) {
  const fields = Object.fromEntries(names.map((name) => [name, name]))
  const differences: object[] = []
  let matched = 0
  for (const [key, theirs] of external) {
    const ours = local.get(key)
    if (ours === undefined) {
      differences.push({ key, kind: 'missing_local' })
      continue
    }
    const differing = differingFields(ours, theirs, fields)
    if (differing.length === 0) matched += 1
    else differences.push({ key, kind: 'different', fields: differing })
  }
  for (const key of local.keys()) if (!external.has(key)) differences.push({ key, kind: 'missing_external' })
  return { matched, differences }
}

function checkRun(parts: ReconciliationParts, input: RunInput): Outcome<Readonly<Record<string, string>>> {
  const known = parts.fieldsOf(input.module)
  if (known === undefined)
    return refuse('not_found', `There is no module "${input.module}"`, { field: 'module' })
  const { fields } = input
  if (!isNames(fields))
    return refuseFields([{ field: 'fields', reason: 'must be an object of our fields and their columns' }])
  const problems = Object.keys(fields)
    .filter((field) => !known.has(field))
    .map(
      (field): FieldProblem => ({
        field: 'fields',
        reason: `names "${field}", which ${input.module} does not show`,
      }),
    )
  return problems.length > 0 ? refuseFields(problems) : accept(fields)
}
