import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createTokenDigest } from '#adapters/crypto/token-digest.ts'
import { openSqlite } from '#adapters/sql/sqlite.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { syncSchema } from '../storage/sync.ts'
import { createIdempotency } from './idempotency.ts'

async function start() {
  const path = join(temporaryFolder(), 'apigate.db')
  const { db, dialect, close } = openSqlite(path)
  onTestFinished(close)
  await syncSchema(db, dialect, new Map())
  await sql`pragma busy_timeout = 0`.execute(db)
  const idempotency = createIdempotency({
    db,
    dialect,
    cipher: createCipher(new Uint8Array(32).fill(1)),
    tokenDigest: createTokenDigest(new Uint8Array(32).fill(2)),
    clock: { now: () => Date.UTC(2026, 0, 15) },
  })
  return { path, db, idempotency }
}

const request = { actor: 'operator:opr_1', key: 'k', content: 'x' }

test('while another process holds the database, nothing can be claimed, purged or released, as a passing failure', async () => {
  const { path, idempotency } = await start()
  const claimed = await idempotency.claim({ ...request, key: 'earlier' })
  if (!claimed.ok || !('claim' in claimed.value)) throw new Error('not claimed')
  const { claim } = claimed.value
  const other = new DatabaseSync(path)
  onTestFinished(() => other.close())
  other.exec('begin immediate')
  for (const attempt of [
    () => idempotency.claim(request),
    () => idempotency.purge(),
    () => idempotency.release(claim),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: 'service_unavailable' })
  }
  other.exec('rollback')
  expect(await idempotency.claim(request)).toMatchObject({ ok: true })
})

test('when the disk is full, a claim is a passing failure', async () => {
  const { db, idempotency } = await start()
  await sql`pragma max_page_count = 1`.execute(db)
  const large = { ...request, key: 'k'.repeat(100_000) }
  await expect(idempotency.claim(large)).rejects.toMatchObject({ code: 'service_unavailable' })
})
