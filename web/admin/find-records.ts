import { readPage } from '@/data/api.ts'
import type { PaletteEntry } from '@/ui/palette.tsx'
import type { ModuleEntry, ModuleRecord } from './module/schema.ts'

/** What people look for, and the field by which they know it. */
const known = [
  { module: 'organization', field: 'name' },
  { module: 'user', field: 'email' },
  { module: 'invoice', field: 'number' },
  { module: 'plan', field: 'name' },
  { module: 'route', field: 'name' },
  { module: 'upstream', field: 'name' },
  { module: 'api_key', field: 'name' },
] as const
const mostOfEach = 4

/** Finds records by a part of their name, or any record by its id; a module that does not answer is passed over. */
export async function findRecords(
  words: string,
  modules: readonly ModuleEntry[],
  open: (plural: string, id: string) => void,
  signal: AbortSignal,
): Promise<readonly PaletteEntry[]> {
  const entry = ({ display_name, plural }: ModuleEntry, id: string, label: string): PaletteEntry => ({
    label: `${display_name}: ${label}`,
    group: 'Found',
    run: () => open(plural, id),
  })
  const prefix = /^([a-z_]+)_[0-9a-z]{20,}$/.exec(words)?.[1]
  const named = modules.find(({ id_prefix }) => id_prefix === prefix)
  if (named !== undefined) return [entry(named, words, words)]
  const found = await Promise.all(
    known.map(async ({ module, field }) => {
      const schema = modules.find((one) => one.module === module)
      if (schema === undefined) return []
      const query = new URLSearchParams({ [`${field}[like]`]: `%${words}%`, limit: String(mostOfEach) })
      const page = await readPage<ModuleRecord>(`${schema.path}?${query}`, signal).catch(() => undefined)
      return (page?.rows ?? []).map((row) => entry(schema, row.id, String(row[field])))
    }),
  )
  return found.flat()
}
