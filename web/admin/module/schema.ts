import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'

/** One field of a module, as the server describes it. */
export interface ModuleField {
  readonly name: string
  /** What people call it. */
  readonly label: string
  readonly type: string
  readonly widget: string
  readonly description: string
  readonly required: boolean
  readonly lookup: boolean
  readonly immutable: boolean
  readonly read_only: boolean
  readonly write_only: boolean
  readonly sticky: boolean
  readonly default?: unknown
  readonly values?: readonly string[]
  readonly to?: string
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  /** It is an amount in minor units; its currency stands in this field of the record. */
  readonly money?: string
}

/** Something that can be done with records of a module. */
export interface ModuleAction {
  readonly name: string
  /** What people call it. */
  readonly label: string
  readonly kind: 'list' | 'get' | 'create' | 'update' | 'delete' | 'custom'
  readonly description: string
  readonly confirm: boolean
  /** The states of a record in which it is worth offering. */
  readonly offered_when: readonly {
    readonly field: string
    readonly in?: readonly unknown[]
    readonly not_in?: readonly unknown[]
  }[]
  /** What becomes of the record's fields when it is done, as far as that is certain; `now()` is the time. */
  readonly sets: Readonly<Record<string, unknown>> | null
  readonly method: string
  readonly path: string
  readonly input: readonly ModuleField[]
  readonly output: readonly ModuleField[]
}

/** A module, with its fields and actions. */
export interface ModuleSchema {
  readonly module: string
  readonly plural: string
  readonly display_name: string
  readonly display_plural: string
  readonly description: string
  readonly icon: string
  /** The field by which people know a record; null where only its id names it. */
  readonly name_field: string | null
  /** What ids of its records begin with. */
  readonly id_prefix: string
  /** Its fields that point to other modules. */
  readonly refs: readonly { readonly field: string; readonly label: string; readonly to: string }[]
  readonly path: string
  readonly scope: string
  readonly actions: readonly ModuleAction[]
  readonly fields: readonly ModuleField[]
  /** What a list shows, in its order. */
  readonly columns: readonly string[]
}

/** A module in the list of all. */
export type ModuleEntry = Omit<ModuleSchema, 'actions' | 'columns' | 'fields'> & {
  readonly actions: readonly string[]
}

/** A record: an id and whatever its module says. */
export type ModuleRecord = Readonly<Record<string, unknown>> & { readonly id: string }

/** All modules, as their names are in the alphabet. */
export const useModules = () =>
  useQuery({
    queryKey: ['schema'],
    queryFn: async ({ signal }) => {
      const modules = await read<readonly ModuleEntry[]>('/api/_schema', signal)
      return modules.toSorted((one, other) => one.display_plural.localeCompare(other.display_plural, 'en'))
    },
    staleTime: 300_000,
  })

/** One module by its name or plural. */
export function useModuleSchema(name: string | undefined) {
  return useQuery({
    queryKey: ['schema', name],
    queryFn: ({ signal }) => read<ModuleSchema>(`/api/_schema/${name}`, signal),
    staleTime: 300_000,
    enabled: name !== undefined,
  })
}

/** What a record is called: what its module names it by, or its id. */
export function nameOf(
  { name_field: field }: Pick<ModuleSchema, 'name_field'>,
  record: ModuleRecord,
): string {
  const name = field === null ? undefined : record[field]
  return (typeof name === 'string' || typeof name === 'number') && name !== '' ? String(name) : record.id
}

/** True when the record is in a state in which the action does something. */
export const isOffered = ({ offered_when }: ModuleAction, record: ModuleRecord): boolean =>
  offered_when.every(({ field, in: wanted, not_in: unwanted }) => {
    const value = record[field] === undefined || record[field] === '' ? null : record[field]
    return wanted === undefined ? unwanted?.includes(value) !== true : wanted.includes(value)
  })
