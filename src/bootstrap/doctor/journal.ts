import { join } from 'node:path'
import { openJournalSegments } from '#adapters/journal/read-segments.ts'
import type { Examination } from './check.ts'
import { type DatabaseReader, isUnmade, readDatabase } from './read-database.ts'

const slowMs = 10_000

/** How long the oldest metered request has been waiting to be written into the usage table. */
export const examineJournal: Examination = async ({ databaseDsn, dataDirectory }) => {
  const name = 'usage journal'
  const segments = openJournalSegments(join(dataDirectory, 'journal'))
  const positions = isUnmade(databaseDsn)
    ? new Map<string, number>()
    : await readDatabase(databaseDsn, readPositions)
  let waiting = 0
  let oldest = Number.POSITIVE_INFINITY
  for (const segment of segments.list()) {
    const slice = segments.read(segment, positions.get(segment) ?? 0)
    waiting += slice?.events.length ?? 0
    for (const event of slice?.events ?? []) oldest = Math.min(oldest, event.at)
  }
  if (waiting === 0) return [{ name, status: 'ok', message: 'everything is in the usage table' }]
  const seconds = Math.max(0, Math.round((Date.now() - oldest) / 1000))
  const message = `requests are waiting, the oldest for ${seconds} seconds`
  if (seconds * 1000 < slowMs) return [{ name, status: 'ok', message }]
  return [
    { name, status: 'warn', message, todo: 'apigate usage summary writes them now; so does the next start' },
  ]
}

async function readPositions(reader: DatabaseReader): Promise<ReadonlyMap<string, number>> {
  if (!reader.tables.has('usage_journal_positions')) return new Map()
  const rows = await reader.rows('select segment, "offset" from usage_journal_positions')
  return new Map(rows.map((row) => [String(row['segment']), Number(row['offset'])]))
}
