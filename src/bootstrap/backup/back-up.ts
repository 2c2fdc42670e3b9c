import { join } from 'node:path'
import { dumpDatabase } from '#core/backup/dump.ts'
import { writeBackup } from '#core/backup/file.ts'
import type { BackupLine, Total } from '#core/backup/format.ts'
import type { Config } from '../config.ts'
import { productVersion } from '../product-version.ts'
import { readJournal } from './journal-lines.ts'
import { type OpenTables, openExisting } from './open-tables.ts'

/**
 * Writes everything that an instance keeps into a file, while it runs: the database as of one moment, and the usage that was journalled before it. The
 * secrets are not in it. Answers the totals of the tables.
 */
export async function backUp(config: Config, path: string): Promise<readonly Total[]> {
  const source = await openExisting(config, config.databaseDsn)
  try {
    const positions = await positionsIn(source)
    const totals: Total[] = []
    const lines = dumpDatabase(source, { version: productVersion(), now: new Date() }, () =>
      readJournal(join(config.dataDirectory, 'journal'), positions),
    )
    await writeBackup(path, noting(lines, totals))
    return totals
  } finally {
    await source.close()
  }
}

/** Passes lines on, and keeps the totals among them. */
async function* noting(lines: AsyncGenerator<BackupLine>, totals: Total[]): AsyncGenerator<BackupLine> {
  for await (const line of lines) {
    if ('count' in line) totals.push(line)
    yield line
  }
}

async function positionsIn({ db, dialect }: OpenTables): Promise<ReadonlyMap<string, number>> {
  const { tables } = await dialect.inspect(db)
  if (!tables.has('usage_journal_positions')) return new Map()
  const rows = await db
    .withTables<{ usage_journal_positions: { segment: string; offset: number } }>()
    .selectFrom('usage_journal_positions')
    .selectAll()
    .execute()
  return new Map(rows.map(({ segment, offset }) => [segment, Number(offset)]))
}
