import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LedgerEntry, transfer } from '#domain/ledger/entry.ts'
import type { JournalPlace, LedgerBook } from '#ports/ledger-book.ts'
import { openTestDatabase } from '#test/support/test-database.ts'
import { createLedgerBook } from './ledger-book.ts'
import { createLedger } from './ledger-store.ts'
import { migrate } from './migrate.ts'
import type { OpenDatabase } from './open-database.ts'

const migrations = new URL('../../../migrations', import.meta.url).pathname
const dayMs = 86_400_000

let database: OpenDatabase
let book: LedgerBook
beforeEach(async () => {
  database = await openTestDatabase()
  await migrate(database.db, migrations, new Date(0))
  book = createLedgerBook(database.db)
})
afterEach(() => database.close())

const post = (
  key: string,
  atMs: number,
  debit: string,
  credit: string,
  amountMinor: bigint,
  currency = 'USD',
) => {
  const entry: LedgerEntry = {
    key,
    kind: 'test',
    currency,
    reference: `inv_${key}`,
    rows: transfer(debit, credit, amountMinor),
  }
  return database.db.transaction().execute((db) => createLedger(database.db).post({ db }, entry, atMs))
}

test('pages of the journal hold every entry once, newest first, also where many have one moment', async () => {
  for (const [index, key] of ['a', 'b', 'c', 'd', 'e'].entries())
    await post(key, index < 3 ? 5 : 9, 'receivable:org_1', 'deferred', 10n)
  const keys: string[] = []
  let before: JournalPlace | undefined
  do {
    const page = await book.journal({}, { limit: 2, ...(before === undefined ? {} : { before }) })
    keys.push(...page.map(({ key }) => key))
    before = page.at(-1)
  } while (before !== undefined)
  expect(keys).toEqual(['e', 'd', 'c', 'b', 'a'])
})

test('an account is found by its name, all of a kind by the name of the kind, and no other that begins alike', async () => {
  await post('a', 1, 'receivable:org_1', 'deferred', 10n)
  await post('b', 2, 'receivable:org_12', 'deferred', 20n)
  await post('c', 3, 'receivable_old', 'deferred', 40n)
  const keysOf = async (account: string) =>
    (await book.journal({ account }, { limit: 9 })).map(({ key }) => key)
  expect(await keysOf('receivable:org_1')).toEqual(['a'])
  expect(await keysOf('receivable')).toEqual(['b', 'a'])
  expect(await keysOf('deferred')).toEqual(['c', 'b', 'a'])
  expect(
    (await book.accounts({ account: 'receivable' }, { limit: 9 })).map(({ account }) => account),
  ).toEqual(['receivable:org_1', 'receivable:org_12'])
  expect(await book.kinds()).toEqual([
    { kind: 'deferred', currency: 'USD', accounts: 1, balanceMinor: -70n },
    { kind: 'receivable', currency: 'USD', accounts: 2, balanceMinor: 30n },
    { kind: 'receivable_old', currency: 'USD', accounts: 1, balanceMinor: 40n },
  ])
})

test('all filters have to hold, and the rows of an entry come with it', async () => {
  await post('a', 10, 'provider:x', 'revenue', 10n)
  await post('b', 20, 'provider:x', 'revenue', 20n, 'EUR')
  const keys = async (query: Parameters<LedgerBook['journal']>[0]) =>
    (await book.journal(query, { limit: 9 })).map(({ key }) => key)
  expect(await keys({ currency: 'EUR' })).toEqual(['b'])
  expect(await keys({ fromMs: 10, toMs: 20 })).toEqual(['a'])
  expect(await keys({ reference: 'inv_b', currency: 'USD' })).toEqual([])
  expect(await keys({ kind: 'other' })).toEqual([])
  expect(await book.journal({ reference: 'inv_a' }, { limit: 9 })).toEqual([
    {
      key: 'a',
      kind: 'test',
      currency: 'USD',
      reference: 'inv_a',
      atMs: 10,
      rows: [
        { account: 'provider:x', amountMinor: 10n },
        { account: 'revenue', amountMinor: -10n },
      ],
    },
  ])
})

test('accounts go on after the one before, also where it has several currencies', async () => {
  await post('a', 1, 'provider:x', 'revenue', 10n)
  await post('b', 1, 'provider:x', 'revenue', 10n, 'EUR')
  const first = await book.accounts({}, { limit: 1 })
  expect(first).toEqual([{ account: 'provider:x', currency: 'EUR', balanceMinor: 10n }])
  const rest = await book.accounts({}, { limit: 9, after: { account: 'provider:x', currency: 'EUR' } })
  expect(rest.map(({ account, currency }) => `${account} ${currency}`)).toEqual([
    'provider:x USD',
    'revenue EUR',
    'revenue USD',
  ])
})

test('what came onto an account is summed by day and currency, and nothing outside the days is', async () => {
  await post('a', dayMs - 1, 'provider:x', 'revenue', 1n)
  await post('b', dayMs, 'provider:x', 'revenue', 10n)
  await post('c', 2 * dayMs - 1, 'revenue', 'provider:x', 4n)
  await post('d', 2 * dayMs, 'provider:x', 'revenue', 100n, 'EUR')
  await post('e', 3 * dayMs, 'provider:x', 'revenue', 1000n)
  const query = { account: 'revenue', fromMs: dayMs, toMs: 3 * dayMs, stretchMs: dayMs }
  expect(await book.movements(query)).toEqual([
    { startMs: dayMs, currency: 'USD', amountMinor: -6n },
    { startMs: 2 * dayMs, currency: 'EUR', amountMinor: -100n },
  ])
})
