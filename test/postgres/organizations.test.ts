import { type Kysely, sql } from 'kysely'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { openDatabase } from '#adapters/sql/open-database.ts'
import { loadModules } from '#core/schema/load.ts'
import { createRecordStore, type RecordStore } from '#core/storage/record-store.ts'
import { syncSchema } from '#core/storage/sync.ts'
import type { Tables } from '#core/storage/tables.ts'
import { moduleFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'

const files = (scope: string) => ({
  'organization.yaml':
    'module: organization\nmeta: { scope: organization }\nschema:\n  name: { type: string, required: true }\n',
  'diary.yaml': `module: diary\n${scope}schema:\n  organization_id: { type: ref, to: organization, required: true, immutable: true }\n  text: { type: string }\n`,
})
const at = '2026-11-20T12:00:00.000Z'

let db: Kysely<Tables>
let store: RecordStore
let sync: (scope: string) => Promise<unknown>

beforeEach(async () => {
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  const opened = await openDatabase(url)
  onTestFinished(opened.close)
  db = opened.db
  sync = async (scope) => {
    const modules = await loadModules([moduleFolder(files(scope))])
    await syncSchema(db, opened.dialect, modules)
    store = createRecordStore(db, opened.dialect, modules, createCipher(Buffer.alloc(32, 3)))
  }
  await sync('meta: { scope: organization }\n')
  for (const name of ['a', 'b']) {
    await store.insert('organization', { id: `org_${name}`, name, created_at: at, updated_at: at })
    await store.insert('diary', {
      id: `dia_${name}`,
      organization_id: `org_${name}`,
      text: name,
      created_at: at,
      updated_at: at,
    })
  }
})

/** What a statement that forgot its condition would see when it acts for somebody. */
const seenBy = (organization: string | undefined) =>
  db.transaction().execute(async (transaction) => {
    await sql`select set_config('apigate.organization', ${organization ?? ''}, true)`.execute(transaction)
    const { rows } = await sql<{ id: string }>`select id from diaries order by id`.execute(transaction)
    return rows.map(({ id }) => id)
  })

describe('the database itself keeps organizations apart', () => {
  test('a statement without its condition sees the records of the one it acts for, and nobody’s without one', async () => {
    expect(await seenBy('org_a')).toEqual(['dia_a'])
    expect(await seenBy('org_b')).toEqual(['dia_b'])
    expect(await seenBy(undefined)).toEqual([])
    expect(await seenBy('*')).toEqual(['dia_a', 'dia_b'])
  })

  test('a record cannot be written into another organization, nor moved there', async () => {
    const actingForA = (statement: ReturnType<typeof sql>) =>
      db.transaction().execute(async (transaction) => {
        await sql`select set_config('apigate.organization', 'org_a', true)`.execute(transaction)
        return statement.execute(transaction)
      })
    const insert = sql`insert into diaries (id, organization_id, created_at, updated_at) values ('dia_x', 'org_b', now(), now())`
    await expect(actingForA(insert)).rejects.toThrow(/row-level security/)
    await expect(actingForA(sql`update diaries set organization_id = 'org_b'`)).rejects.toThrow(
      /row-level security/,
    )
    const { numAffectedRows } = await actingForA(sql`delete from diaries where id = 'dia_b'`)
    expect(numAffectedRows).toBe(0n)
  })

  test('a store of one organization acts for it, alone and in a transaction, and leaves nothing behind', async () => {
    const acting = async (on: Kysely<Tables>) =>
      (await sql<{ who: string }>`select current_setting('apigate.organization') as who`.execute(on)).rows[0]
        ?.who
    const own = store.within('org_a')
    expect((await own.get('diary', 'dia_a'))?.['text']).toBe('a')
    expect(await own.find('diary', 'dia_b', 'show')).toEqual([])
    await db.transaction().execute(async (transaction) => {
      const inside = store.on(transaction).within('org_a')
      expect((await inside.update('diary', 'dia_a', { text: 'changed' })).ok).toBe(true)
      expect(await acting(transaction)).toBe('*')
      expect((await store.on(transaction).get('diary', 'dia_b'))?.['text']).toBe('b')
    })
    expect(await acting(db)).toBe('*')
    expect((await store.get('diary', 'dia_a'))?.['text']).toBe('changed')
  })

  test('a refusal of the database stays one, and the transaction of the others goes on without it', async () => {
    const twice = { id: 'dia_a', organization_id: 'org_a', created_at: at, updated_at: at }
    expect(await store.within('org_a').insert('diary', twice)).toMatchObject({ ok: false, code: 'conflict' })
    await db.transaction().execute(async (transaction) => {
      const inside = store.on(transaction)
      await sql`savepoint before`.execute(transaction)
      expect(await inside.within('org_a').insert('diary', twice)).toMatchObject({
        ok: false,
        code: 'conflict',
      })
      await sql`rollback to savepoint before`.execute(transaction)
      expect((await inside.get('diary', 'dia_b'))?.['text']).toBe('b')
    })
  })

  test('a module that comes to belong to organizations is closed, and one that no longer does is open again', async () => {
    await sync('')
    expect(await seenBy('org_a')).toEqual(['dia_a', 'dia_b'])
    await sync('meta: { scope: organization }\n')
    expect(await seenBy('org_a')).toEqual(['dia_a'])
  })
})
