import { join } from 'node:path'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createTokenDigest } from '#adapters/crypto/token-digest.ts'
import { lockDataDirectory } from '#adapters/sql/data-lock.ts'
import { Fault } from '#contract/outcome.ts'
import { dumpDatabase } from '#core/backup/dump.ts'
import { readBackup } from '#core/backup/file.ts'
import type { BackupLine, Total } from '#core/backup/format.ts'
import { loadDatabase, readTables, takeHeader } from '#core/backup/load.ts'
import type { Config } from '../config.ts'
import { confirmSecrets } from '../confirm-secrets.ts'
import { productVersion } from '../product-version.ts'
import { readSecrets } from '../secrets.ts'
import { keepJournal } from './journal-lines.ts'
import { openExisting, openTables, ownMigrations } from './open-tables.ts'

/** Reads a backup from its first to its last line and compares it with what it says of itself; throws a Fault when it is damaged. */
export async function checkBackup(path: string): Promise<readonly Total[]> {
  const lines = readBackup(path)
  const header = await takeHeader(lines, ownMigrations())
  return readTables(header, lines, { rows: async () => undefined, journal: () => undefined })
}

/**
 * Puts a backup in the place of an empty database, or of any where `mayReplace`; all of it, or nothing. No server may run on it. Answers the
 * totals of the tables, which were read back and compared.
 */
export function restore(config: Config, path: string, mayReplace: boolean): Promise<readonly Total[]> {
  return fill(config, config.databaseDsn, readBackup(path), mayReplace)
}

/** Copies the database of an instance into another, empty one, which may be of another kind; the instance must not be serving. */
export async function moveDatabase(config: Config, dsn: string): Promise<readonly Total[]> {
  if (dsn === config.databaseDsn)
    throw new Fault('validation_error', 'The instance is on this database already: name another one')
  const source = await openExisting(config, config.databaseDsn)
  try {
    if (await source.isServed()) throw served()
    // The journal stays where it is: how far it was taken over is in the database that moves.
    const lines = dumpDatabase(source, { version: productVersion(), now: new Date() }, () => [])
    return await fill(config, dsn, lines, false)
  } finally {
    await source.close()
  }
}

const served = () =>
  new Fault('conflict', 'Servers are running on this database: stop them first, on every node')

async function fill(
  config: Config,
  dsn: string,
  lines: AsyncGenerator<BackupLine>,
  mayReplace: boolean,
): Promise<readonly Total[]> {
  const lock = lockDataDirectory(config.dataDirectory)
  const journal = keepJournal(join(config.dataDirectory, 'journal'))
  try {
    const header = await takeHeader(lines, ownMigrations())
    const target = await openTables(config, dsn)
    try {
      if (await target.isServed()) throw served()
      await target.prepare(header.migrations)
      const secrets = readSecrets(config)
      return await loadDatabase(
        {
          ...target,
          mayReplace,
          confirm: (transaction) =>
            confirmSecrets(
              transaction,
              createCipher(secrets.encryptionKeys),
              createTokenDigest(secrets.keyPepper),
            ),
          keepJournal: journal.add,
        },
        header,
        lines,
      )
    } finally {
      await target.close()
    }
  } catch (error) {
    journal.undo()
    throw error
  } finally {
    lock.release()
    await lines.return(undefined)
  }
}
