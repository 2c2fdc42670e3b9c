import type { Kysely } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import type { Tables } from '#core/storage/tables.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { TokenDigest } from '#ports/hashing.ts'

const known = 'apigate'
const context = 'apigate_meta.secrets'

/** Refuses to start with other secrets than the database was made with: every key would be unknown and every secret unreadable. */
export async function confirmSecrets(
  db: Kysely<Tables>,
  cipher: Cipher,
  tokenDigest: TokenDigest,
): Promise<void> {
  const row = await db
    .selectFrom('apigate_meta')
    .select('value')
    .where('key', '=', 'secrets')
    .executeTakeFirst()
  if (row === undefined) {
    const value = markOf(cipher, tokenDigest)
    await db
      .insertInto('apigate_meta')
      .values({ key: 'secrets', value })
      .onConflict((on) => on.doNothing())
      .execute()
    return
  }
  const stored = JSON.parse(row.value) as { sealed: string; digest: string }
  if (stored.digest === tokenDigest.digest(known) && opens(cipher, stored.sealed)) return
  throw new Fault(
    'internal_error',
    'The secrets are not those that this database was made with: set APIGATE_ENCRYPTION_KEY and APIGATE_KEY_PEPPER as before, or put secrets.json of its data directory back',
  )
}

const markOf = (cipher: Cipher, tokenDigest: TokenDigest): string =>
  JSON.stringify({ sealed: cipher.seal(known, context), digest: tokenDigest.digest(known) })

/** Marks the database as one of the encryption key of now, at the end of a rotation. */
export async function remarkSecrets(
  db: Kysely<Tables>,
  cipher: Cipher,
  tokenDigest: TokenDigest,
): Promise<void> {
  await confirmSecrets(db, cipher, tokenDigest)
  await db
    .updateTable('apigate_meta')
    .set({ value: markOf(cipher, tokenDigest) })
    .where('key', '=', 'secrets')
    .execute()
}

function opens(cipher: Cipher, sealed: string): boolean {
  try {
    return cipher.open(sealed, context) === known
  } catch {
    return false
  }
}
