import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LedgerEntry, transfer } from '#domain/ledger/entry.ts'
import type { Ledger } from '#ports/ledger.ts'
import { openTestDatabase } from '#test/support/test-database.ts'
import { createLedger } from './ledger-store.ts'
import { migrate } from './migrate.ts'
import type { OpenDatabase } from './open-database.ts'

const migrations = new URL('../../../migrations', import.meta.url).pathname

let database: OpenDatabase
let ledger: Ledger
beforeEach(async () => {
  database = await openTestDatabase()
  await migrate(database.db, migrations, new Date(0))
  ledger = createLedger(database.db)
})
afterEach(() => database.close())

const entry = (key: string, amountMinor: bigint, currency = 'USD'): LedgerEntry => ({
  key,
  kind: 'test',
  currency,
  reference: 'inv_1',
  rows: transfer('provider:stripe', 'revenue', amountMinor),
})
const post = (one: LedgerEntry, atMs = 1) =>
  database.db.transaction().execute((transaction) => ledger.post({ db: transaction }, one, atMs))

test('a key is posted once; told again it changes nothing, and told with other rows it is refused', async () => {
  expect(await post(entry('a', 60n))).toBe(true)
  expect(await post(entry('a', 60n))).toBe(false)
  await expect(post(entry('a', 61n))).rejects.toThrow(/knows a with other rows/)
  await expect(post(entry('a', 60n, 'EUR'))).rejects.toThrow(/with other rows/)
  expect(await ledger.balance('provider:stripe', 'USD')).toBe(60n)
})

test('a transaction that is undone leaves no row and no balance', async () => {
  const undone = database.db.transaction().execute(async (transaction) => {
    await ledger.post({ db: transaction }, entry('a', 60n), 1)
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  expect(await ledger.balances()).toEqual([])
  expect(await post(entry('a', 60n))).toBe(true)
})

test('balances are kept apart by currency, and are the sums of their rows', async () => {
  await post(entry('a', 60n))
  await post(entry('b', 40n))
  await post(entry('c', 7n, 'JPY'))
  expect(await ledger.balances()).toEqual([
    { account: 'provider:stripe', currency: 'JPY', balanceMinor: 7n },
    { account: 'provider:stripe', currency: 'USD', balanceMinor: 100n },
    { account: 'revenue', currency: 'JPY', balanceMinor: -7n },
    { account: 'revenue', currency: 'USD', balanceMinor: -100n },
  ])
  expect(await ledger.imbalance()).toBe(0n)
  expect(await ledger.check()).toEqual({ entries: 3, rows: 6, unbalanced: [], drifted: [] })
  expect((await ledger.entriesOf('inv_1')).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
})

test('the database itself refuses to change or delete what was posted', async () => {
  await post(entry('a', 60n))
  for (const statement of [
    sql`update ledger_rows set amount = 1`,
    sql`delete from ledger_rows`,
    sql`update ledger_entries set kind = 'other'`,
    sql`delete from ledger_entries`,
  ])
    await expect(statement.execute(database.db)).rejects.toThrow(/append-only/)
})

test('the check finds an entry that does not balance and a balance that is not its rows', async () => {
  await post(entry('a', 60n))
  await sql`insert into ledger_rows (entry_key, position, account, currency, amount)
    values ('a', 9, 'revenue', 'USD', 5)`.execute(database.db)
  await sql`update ledger_balances set balance = 61 where account = 'provider:stripe'`.execute(database.db)
  expect(await ledger.check()).toMatchObject({
    unbalanced: ['a'],
    drifted: [
      { account: 'provider:stripe', balanceMinor: 61n, summedMinor: 60n },
      { account: 'revenue', balanceMinor: -60n, summedMinor: -55n },
    ],
  })
  expect(await ledger.imbalance()).toBe(1n)
})
