import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'

/** One field of a module, as the server describes it. */
export interface ModuleField {
  readonly name: string
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
  readonly kind: 'list' | 'get' | 'create' | 'update' | 'delete' | 'custom'
  readonly description: string
  readonly confirm: boolean
  readonly method: string
  readonly path: string
  readonly input: readonly ModuleField[]
}

/** A module, with its fields and actions. */
export interface ModuleSchema {
  readonly module: string
  readonly plural: string
  readonly display_name: string
  readonly display_plural: string
  readonly description: string
  readonly icon: string
  /** What ids of its records begin with. */
  readonly id_prefix: string
  /** Its fields that point to other modules. */
  readonly refs: readonly { readonly field: string; readonly to: string }[]
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

/** All modules. */
export const useModules = () =>
  useQuery({
    queryKey: ['schema'],
    queryFn: ({ signal }) => read<readonly ModuleEntry[]>('/api/_schema', signal),
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

/** What a record is called: the first of its lookup fields, or its id. */
export function nameOf(schema: ModuleSchema, record: ModuleRecord): string {
  for (const field of ['name', 'email', 'slug', 'number', 'key'])
    if (typeof record[field] === 'string' && record[field] !== '') return record[field]
  const lookup = schema.fields.find(({ lookup }) => lookup)?.name
  const value = lookup === undefined ? undefined : record[lookup]
  return typeof value === 'string' && value !== '' ? value : record.id
}

/** A field's name for people: `rate_limit_per_minute` is "Rate limit per minute". */
export function labelOf(name: string): string {
  const words = name.replace(/_id$/, '').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
