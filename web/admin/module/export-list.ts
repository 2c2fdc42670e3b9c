import { readPage } from '@/data/api.ts'
import { downloadCsv } from '@/data/csv.ts'
import { text } from '@/text/admin.ts'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord, ModuleSchema } from './schema.ts'

const mostRecords = 20_000

/** Gives every record of a list as a file, not only those that are shown; says so where there are more than a browser should hold. */
export async function exportList(schema: ModuleSchema, address: string): Promise<void> {
  const rows: ModuleRecord[] = []
  let cursor: string | null = ''
  while (cursor !== null && rows.length < mostRecords) {
    const next: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await readPage<ModuleRecord>(`${address.replace('limit=25', 'limit=100')}${next}`)
    rows.push(...page.rows)
    cursor = page.nextCursor
  }
  const columns = schema.fields.filter(({ write_only }) => !write_only).map(({ name }) => name)
  downloadCsv(schema.plural, columns, rows)
  say(cursor === null ? text.exported(rows.length) : text.exportedFirst(rows.length), {
    isBad: cursor !== null,
  })
}
