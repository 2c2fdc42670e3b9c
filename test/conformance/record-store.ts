import type { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { loadModules } from '#core/schema/load.ts'
import type { SqlDialect } from '#core/storage/dialect.ts'
import { createRecordStore, type RecordStore } from '#core/storage/record-store.ts'
import { syncSchema } from '#core/storage/sync.ts'
import type { Tables } from '#core/storage/tables.ts'
import type { ListQuery, Row } from '#ports/records.ts'
import { moduleFolder } from '#test/support/module-folder.ts'

/** An empty database of the dialect under test, closed by the one who opens it. */
export interface OpenedDialect {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  /** A second connection to the same database, as another process has it. */
  again(): Promise<Kysely<Tables>>
  /** Everything that the database keeps, as bytes. */
  raw(): Promise<Buffer>
}

const files = {
  'author.yaml':
    'module: author\nschema:\n  name: { type: string, required: true, unique: true, lookup: true }\n',
  'book.yaml': `
module: book
schema:
  title:     { type: string, required: true, lookup: true }
  pages:     { type: int }
  lent:      { type: bool, default: false }
  kind:      { type: enum, values: [novel, poems], default: novel }
  author_id: { type: ref, to: author }
  data:      { type: json }
  bought:    { type: timestamp }
  contact:   { type: email, unique: true, lookup: true }
  cover:     { type: bytes }
  code:      { type: secret }
  note:      { type: string, internal: true }
unique:
  - [title, author_id]
`,
  'loan.yaml': `
module: loan
schema:
  book_id: { type: ref, to: book, required: true, on_delete: cascade }
  by_id:   { type: ref, to: author, on_delete: set_null }
`,
}

const at = '2026-01-15T12:00:00.000Z'
const author = (id: string, name: string): Row => ({ id, name, created_at: at, updated_at: at })
const book = (id: string, values: Record<string, unknown> = {}): Row => ({
  id,
  title: id,
  lent: false,
  kind: 'novel',
  created_at: at,
  updated_at: at,
  ...values,
})

async function idsOf(store: RecordStore, query: ListQuery): Promise<readonly string[]> {
  const page = await store.list('book', query, 'shown')
  if (!page.ok) throw new Error(page.message)
  return page.value.items.map(({ id }) => id)
}

/** Walks every page from the first to the last. */
async function walk(store: RecordStore, query: ListQuery): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list('book', { ...query, ...(cursor === undefined ? {} : { cursor }) }, 'shown')
    if (!page.ok) throw new Error(page.message)
    ids.push(...page.value.items.map(({ id }) => id))
    cursor = page.value.nextCursor
  } while (cursor !== undefined)
  return ids
}

/** What every SQL dialect must do for the record store; `open` gives each test an empty database. */
export function recordStoreConformance(name: string, open: () => Promise<OpenedDialect>): void {
  const start = async () => {
    const opened = await open()
    const modules = await loadModules([moduleFolder(files)])
    await syncSchema(opened.db, opened.dialect, modules)
    const cipher = createCipher(Buffer.alloc(32, 3))
    const over = (db: Kysely<Tables>) => createRecordStore(db, opened.dialect, modules, cipher)
    return { ...opened, store: over(opened.db), over }
  }

  describe(`the record store on ${name}`, () => {
    it('gives back every type as it was stored', async () => {
      const { store } = await start()
      const full = book('b1', {
        pages: Number.MAX_SAFE_INTEGER,
        lent: true,
        kind: 'poems',
        author_id: null,
        data: { a: [1, null, 'ü', { b: false }] },
        bought: '2026-01-31T10:00:00.123Z',
        contact: 'jo@example.com',
        cover: 'AAECAw==',
        code: 'hush',
        note: '',
      })
      expect((await store.insert('book', full)).ok).toBe(true)
      expect(await store.get('book', 'b1')).toEqual(full)
      await store.update('book', 'b1', { pages: null, data: [], lent: false })
      expect(await store.get('book', 'b1')).toEqual({ ...full, pages: null, data: [], lent: false })
      await store.delete('book', 'b1')
      expect(await store.get('book', 'b1')).toBeUndefined()
    })

    it('keeps what is hard to keep: the order of keys, signs of every kind, and times at the edges', async () => {
      const { store } = await start()
      const data = { z: 1, a: { '\u0000': '\u0000 \ud83d\ude00', é: [1e300, -0.5] }, '10': 'x', '2': 'y' }
      const hard = book('b1', {
        title: 'tab\t quote \' " \\ 😀',
        data,
        bought: '0000-02-29T00:00:00.000Z',
        note: '%_',
      })
      expect((await store.insert('book', hard)).ok).toBe(true)
      const stored = await store.get('book', 'b1')
      expect(stored).toMatchObject(hard)
      expect(JSON.stringify(stored?.['data'])).toBe(JSON.stringify(data))
      await store.update('book', 'b1', { bought: '9999-12-31T23:59:59.999Z' })
      expect(await store.get('book', 'b1')).toMatchObject({ bought: '9999-12-31T23:59:59.999Z' })
    })

    it('sorts text by its code points, wherever the database stands', async () => {
      const { store } = await start()
      const titles = ['b', 'B', 'a b', 'ab', 'a-b', 'é', 'z', 'Z', '_', '10', '9', 'ß', '中']
      for (const [index, title] of titles.entries()) await store.insert('book', book(`b${index}`, { title }))
      const sorted = titles.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const sort = { field: 'title', descending: false }
      const walked = await walk(store, { sort, limit: 3 })
      expect(walked.map((id) => titles[Number(id.slice(1))])).toEqual(sorted)
    })

    it('finds nothing by a text that cannot be stored', async () => {
      const { store } = await start()
      expect(await store.find('book', 'b\u0000', 'show')).toEqual([])
    })

    it('keeps secrets unreadable in the database, and bound to their record', async () => {
      const { store, raw, db } = await start()
      await store.insert('book', book('b1', { code: 'very-secret-code' }))
      await store.insert('book', book('b2', { code: 'other-secret' }))
      expect((await raw()).includes('very-secret-code')).toBe(false)
      const tables = db as unknown as Kysely<Record<string, Record<string, unknown>>>
      const stolen = await tables.selectFrom('books').select('code').where('id', '=', 'b1').executeTakeFirst()
      await tables.updateTable('books').set({ code: stolen?.['code'] }).where('id', '=', 'b2').execute()
      await expect(store.get('book', 'b2')).rejects.toThrow(/book.code.b2 was altered/)
    })

    it('leaves secrets out of what is shown', async () => {
      const { store } = await start()
      await store.insert('book', book('b1', { code: 'hush' }))
      const page = await store.list('book', {}, 'shown')
      expect(page.ok && page.value.items[0]).not.toHaveProperty('code')
    })

    it('finds a record by its id first, then by any lookup value, in its normal form', async () => {
      const { store } = await start()
      await store.insert('book', book('b1', { title: 'b2', contact: 'jo@example.com' }))
      await store.insert('book', book('b2', { title: 'Emma' }))
      const found = async (text: string) => (await store.find('book', text, 'show')).map(({ id }) => id)
      expect(await found('b2')).toEqual(['b2'])
      expect(await found('Emma')).toEqual(['b2'])
      expect(await found('JO@example.com')).toEqual(['b1'])
      expect(await found('nobody')).toEqual([])
      expect((await store.getBy('book', 'contact', 'Jo@Example.com'))?.id).toBe('b1')
      expect(await store.getBy('book', 'pages', 'many')).toBeUndefined()
    })

    it('walks every record once, in order, over ties and empty values, in both directions', async () => {
      const { store } = await start()
      const pages = [5, null, 5, 1, null, 5, 9, 1, null, 5]
      for (const [index, count] of pages.entries())
        await store.insert('book', book(`b${index}`, { pages: count }))
      const rank = (id: string) => pages[Number(id.slice(1))] ?? Number.POSITIVE_INFINITY
      const order = pages.map((_, index) => `b${index}`).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
      const ascending = order.filter((id) => rank(id) < Number.POSITIVE_INFINITY)
      const empty = order.filter((id) => rank(id) === Number.POSITIVE_INFINITY)
      for (const limit of [1, 2, 3, 100]) {
        const sort = { field: 'pages', descending: false }
        expect(await walk(store, { sort, limit })).toEqual([...ascending, ...empty])
        expect(await walk(store, { sort: { ...sort, descending: true }, limit })).toEqual(
          [...ascending, ...empty].reverse(),
        )
        expect(await walk(store, { limit })).toEqual(pages.map((_, index) => `b${index}`))
      }
    })

    it('keeps pages stable when records come and go between them', async () => {
      const { store } = await start()
      for (const id of ['b1', 'b3', 'b5']) await store.insert('book', book(id))
      const first = await store.list('book', { limit: 2 }, 'shown')
      if (!first.ok || first.value.nextCursor === undefined) throw new Error('no second page')
      await store.delete('book', 'b3')
      await store.insert('book', book('b2'))
      await store.insert('book', book('b4'))
      expect(await idsOf(store, { cursor: first.value.nextCursor })).toEqual(['b4', 'b5'])
    })

    it('refuses a cursor of another sort and one that is none', async () => {
      const { store } = await start()
      for (const id of ['b1', 'b2']) await store.insert('book', book(id))
      const first = await store.list('book', { limit: 1 }, 'shown')
      const cursor = first.ok ? (first.value.nextCursor ?? '') : ''
      const sort = { field: 'title', descending: false }
      const forged = Buffer.from('["id",{"a":1},"b1"]').toString('base64url')
      for (const query of [{ cursor, sort }, { cursor: 'nonsense' }, { cursor: forged }]) {
        expect(await store.list('book', query, 'shown')).toMatchObject({ ok: false, code: 'invalid_request' })
      }
    })

    it('compares in every way that a list can ask', async () => {
      const { store } = await start()
      await store.insert('author', author('a1', 'Jane'))
      await store.insert('book', book('b1', { title: '50% off', pages: 10, lent: true, author_id: 'a1' }))
      await store.insert('book', book('b2', { title: '500 miles', pages: 20, kind: 'poems', bought: at }))
      await store.insert('book', book('b3', { title: 'under_score é' }))
      const cases: [
        field: string,
        op: NonNullable<ListQuery['where']>[number]['op'],
        value: unknown,
        ids: string[],
      ][] = [
        ['pages', 'eq', 10, ['b1']],
        ['pages', 'ne', 10, ['b2', 'b3']],
        ['pages', 'eq', null, ['b3']],
        ['pages', 'ne', null, ['b1', 'b2']],
        ['pages', 'gt', 10, ['b2']],
        ['pages', 'gte', 10, ['b1', 'b2']],
        ['pages', 'lt', 20, ['b1']],
        ['pages', 'lte', 20, ['b1', 'b2']],
        ['pages', 'in', [10, 99], ['b1']],
        ['pages', 'in', [20, null], ['b2', 'b3']],
        ['pages', 'in', [], []],
        ['lent', 'eq', true, ['b1']],
        ['kind', 'in', ['poems'], ['b2']],
        ['author_id', 'eq', 'a1', ['b1']],
        ['bought', 'lte', '2026-01-15T13:00:00+01:00', ['b2']],
        ['title', 'like', '50%', ['b1', 'b2']],
        ['title', 'like', '50\\%%', ['b1']],
        ['title', 'like', '%R_SC%', ['b3']],
        ['title', 'like', '%É%', []],
        ['title', 'like', 'under\\_score%', ['b3']],
        ['title', 'like', 'b\\', []],
        ['title', 'like', 'UNDER%', ['b3']],
        ['title', 'eq', "x' or '1'='1", []],
      ]
      for (const [field, op, value, ids] of cases) {
        expect(
          await idsOf(store, { where: [{ field, op, value }] }),
          `${field} ${op} ${String(value)}`,
        ).toEqual(ids)
      }
      const both = [
        { field: 'pages', op: 'gt', value: 5 } as const,
        { field: 'lent', op: 'eq', value: false } as const,
      ]
      expect(await idsOf(store, { where: both })).toEqual(['b2'])
    })

    it('refuses what cannot be asked, and does not know hidden fields', async () => {
      const { store } = await start()
      const wrong: ListQuery[] = [
        { where: [{ field: 'colour', op: 'eq', value: 'red' }] },
        { where: [{ field: 'note', op: 'eq', value: 'x' }] },
        { where: [{ field: 'code', op: 'eq', value: 'x' }] },
        { where: [{ field: 'pages', op: 'eq', value: 'ten' }] },
        { where: [{ field: 'kind', op: 'eq', value: 'essay' }] },
        { where: [{ field: 'lent', op: 'gt', value: true }] },
        { where: [{ field: 'pages', op: 'like', value: '1%' }] },
        { where: [{ field: 'data', op: 'eq', value: {} }] },
        { where: [{ field: 'pages', op: 'in', value: 5 }] },
        { sort: { field: 'note', descending: false } },
        { sort: { field: 'data', descending: false } },
      ]
      for (const query of wrong) {
        const refused = await store.list('book', query, 'shown')
        expect(refused, JSON.stringify(query)).toMatchObject({ ok: false, code: 'validation_error' })
      }
      expect((await store.list('book', { where: [{ field: 'note', op: 'eq', value: 'x' }] }, 'all')).ok).toBe(
        true,
      )
    })

    it('counts what matches, whatever the page', async () => {
      const { store } = await start()
      for (const id of ['b1', 'b2', 'b3']) await store.insert('book', book(id, { lent: id !== 'b1' }))
      const page = await store.list(
        'book',
        { where: [{ field: 'lent', op: 'eq', value: true }], limit: 1, count: true },
        'shown',
      )
      expect(page.ok && [page.value.items.length, page.value.total]).toEqual([1, 2])
    })

    it('refuses a value that is taken, alone or together with another, and names the field', async () => {
      const { store } = await start()
      await store.insert('author', author('a1', 'Jane'))
      await store.insert('book', book('b1', { title: 'Emma', author_id: 'a1', contact: 'jo@example.com' }))
      const twice = await store.insert('book', book('b2', { contact: 'jo@example.com' }))
      expect(twice).toMatchObject({ ok: false, code: 'conflict', details: { field: 'contact' } })
      const together = await store.insert('book', book('b3', { title: 'Emma', author_id: 'a1' }))
      expect(together).toMatchObject({ ok: false, code: 'conflict', details: { field: 'title' } })
      expect((await store.insert('book', book('b4', { title: 'Emma' }))).ok).toBe(true)
      const moved = await store.update('book', 'b4', { contact: 'jo@example.com' })
      expect(moved).toMatchObject({ ok: false, code: 'conflict', details: { field: 'contact' } })
    })

    it('refuses refs to nothing, and to delete what is still in use, and says by whom', async () => {
      const { store } = await start()
      expect(await store.insert('book', book('b1', { author_id: 'gone' }))).toMatchObject({
        ok: false,
        code: 'conflict',
      })
      await store.insert('author', author('a1', 'Jane'))
      await store.insert('book', book('b1', { author_id: 'a1' }))
      expect(await store.delete('author', 'a1')).toMatchObject({
        ok: false,
        code: 'conflict',
        details: { module: 'book', field: 'author_id', id: 'b1' },
      })
      expect(await store.get('author', 'a1')).toBeDefined()
    })

    it('deletes or empties what refers to a deleted record, as the module says', async () => {
      const { store } = await start()
      await store.insert('author', author('a1', 'Jane'))
      await store.insert('book', book('b1'))
      await store.insert('loan', { id: 'l1', book_id: 'b1', by_id: 'a1', created_at: at, updated_at: at })
      await store.delete('author', 'a1')
      expect(await store.get('loan', 'l1')).toMatchObject({ by_id: null })
      await store.delete('book', 'b1')
      expect(await store.get('loan', 'l1')).toBeUndefined()
    })

    it('shows nothing of a transaction before it is committed, and nothing of one that is rolled back', async () => {
      const { store, db, over, again } = await start()
      const other = over(await again())
      await db.transaction().execute(async (transaction) => {
        const inside = store.on(transaction)
        await inside.insert('book', book('b1'))
        expect(await inside.get('book', 'b1')).toBeDefined()
        expect(await other.get('book', 'b1')).toBeUndefined()
      })
      expect(await other.get('book', 'b1')).toBeDefined()
      const undone = db.transaction().execute(async (transaction) => {
        await store.on(transaction).delete('book', 'b1')
        throw new Error('changed my mind')
      })
      await expect(undone).rejects.toThrow('changed my mind')
      expect(await store.get('book', 'b1')).toBeDefined()
    })

    it('keeps concurrent transactions of one process apart', async () => {
      const { store, db } = await start()
      await store.insert('book', book('b1', { pages: 0 }))
      const increment = () =>
        db.transaction().execute(async (transaction) => {
          const inside = store.on(transaction)
          const [row] = await inside.find('book', 'b1', 'change')
          await inside.update('book', 'b1', { pages: (row?.['pages'] as number) + 1 })
        })
      await Promise.all(Array.from({ length: 20 }, increment))
      expect(await store.get('book', 'b1')).toMatchObject({ pages: 20 })
    })

    it('lets one of many concurrent writers have a unique value', async () => {
      const { store } = await start()
      const names = Array.from({ length: 20 }, (_, index) => author(`a${index}`, 'Jane'))
      const outcomes = await Promise.all(names.map((row) => store.insert('author', row)))
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    })
  })
}
