import { useQuery } from '@tanstack/react-query'
import { read, readPage } from '@/data/api.ts'
import { type ModuleEntry, type ModuleRecord, nameOf, useModules } from './schema.ts'

const staleTime = 60_000

/** The module of that name, without its fields. */
const useEntry = (name: string | undefined): ModuleEntry | undefined =>
  useModules().data?.find(({ module }) => module === name)

/** The first records of a module, asked for once for all that show their names. */
export function useFirstRecords(module: string | undefined) {
  const schema = useEntry(module)
  const { data } = useQuery({
    queryKey: ['module', module, 'names'],
    queryFn: ({ signal }) => readPage<ModuleRecord>(`${schema?.path}?limit=100`, signal),
    enabled: schema !== undefined,
    staleTime,
  })
  return { schema, rows: data?.rows, hasMore: data !== undefined && data.nextCursor !== null }
}

/** A record of another module, and what it is; with more records than fit a page, those that are not among the first are asked for one by one. */
export function useReferred(module: string | undefined, id: string | undefined) {
  const { schema, rows, hasMore } = useFirstRecords(id === undefined ? undefined : module)
  const listed = rows?.find((row) => row.id === id)
  const alone = useQuery({
    queryKey: ['module', module, 'record', id],
    queryFn: ({ signal }) => read<ModuleRecord>(`${schema?.path}/${encodeURIComponent(id ?? '')}`, signal),
    enabled: id !== undefined && hasMore && listed === undefined,
    staleTime,
    retry: false,
  })
  return { schema, record: listed ?? alone.data }
}

type Named = Pick<ModuleEntry, 'name_field' | 'refs'>

const namedAfter = (schema: Named | undefined): string | undefined =>
  schema?.refs.find(({ field }) => field === schema.name_field)?.to

/** What a record is called: where it is known by another one, the name of that. */
export function useName(schema: Named | undefined, record: ModuleRecord | undefined): string | undefined {
  const to = namedAfter(schema)
  const id = to === undefined ? undefined : record?.[schema?.name_field ?? '']
  const other = useReferred(to, typeof id === 'string' ? id : undefined)
  if (schema === undefined || record === undefined) return undefined
  return other.schema !== undefined && other.record !== undefined
    ? nameOf(other.schema, other.record)
    : nameOf(schema, record)
}

/** The same for many records at once, as far as the first page of the others goes. */
export function useNamer(schema: Named | undefined): (record: ModuleRecord) => string {
  const to = namedAfter(schema)
  const others = useFirstRecords(to)
  return (record) => {
    if (schema === undefined) return record.id
    const own = nameOf(schema, record)
    const other = to === undefined ? undefined : others.rows?.find(({ id }) => id === own)
    return other === undefined || others.schema === undefined ? own : nameOf(others.schema, other)
  }
}
