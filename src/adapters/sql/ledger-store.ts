import { type Kysely, sql } from 'kysely'
import { Fault } from '#contract/outcome.ts'
import { balanced, type LedgerEntry, type LedgerRow } from '#domain/ledger/entry.ts'
import type { Ledger } from '#ports/ledger.ts'
import type { Transaction } from '#ports/transaction.ts'
import { checkLedger } from './ledger-check.ts'

/** The tables of the ledger, as their migration makes them. */
export interface LedgerTables {
  ledger_entries: { key: string; kind: string; currency: string; reference: string; at: number }
  ledger_rows: { entry_key: string; position: number; account: string; currency: string; amount: number }
  ledger_balances: { account: string; currency: string; balance: number }
}

type Db = Kysely<LedgerTables>

const amountOf = (minor: bigint): number => {
  const amount = Number(minor)
  if (!Number.isSafeInteger(amount)) throw new Fault('internal_error', `the amount ${minor} is too large`)
  return amount
}

async function post({ db }: Transaction, given: LedgerEntry, atMs: number): Promise<boolean> {
  const entry = balanced(given)
  const transaction = db as Db
  const { key, kind, currency, reference, rows } = entry
  const added = await transaction
    .insertInto('ledger_entries')
    .values({ key, kind, currency, reference, at: atMs })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (Number(added.numInsertedOrUpdatedRows ?? 0n) === 0) {
    await refuseOther(transaction, entry)
    return false
  }
  if (rows.length === 0) return true
  await transaction
    .insertInto('ledger_rows')
    .values(
      rows.map(({ account, amountMinor }, position) => ({
        entry_key: key,
        position,
        account,
        currency,
        amount: amountOf(amountMinor),
      })),
    )
    .execute()
  await transaction
    .insertInto('ledger_balances')
    .values(rows.map(({ account, amountMinor }) => ({ account, currency, balance: amountOf(amountMinor) })))
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'currency'])
        .doUpdateSet((eb) => ({ balance: eb('ledger_balances.balance', '+', eb.ref('excluded.balance')) })),
    )
    .execute()
  return true
}

/** Two happenings that were given one key would lose one of them. */
async function refuseOther(db: Db, entry: LedgerEntry): Promise<void> {
  const stored = await readEntries(db, 'key', entry.key)
  const textOf = (rows: readonly LedgerRow[]) =>
    rows
      .map(({ account, amountMinor }) => `${account} ${amountMinor}`)
      .sort()
      .join()
  const [known] = stored
  if (known === undefined || known.currency !== entry.currency || textOf(known.rows) !== textOf(entry.rows))
    throw new Fault('internal_error', `the ledger knows ${entry.key} with other rows`)
}

async function readEntries(
  db: Db,
  column: 'key' | 'reference',
  value: string,
): Promise<readonly LedgerEntry[]> {
  const entries = await db
    .selectFrom('ledger_entries')
    .selectAll()
    .where(column, '=', value)
    .orderBy('at')
    .orderBy('key')
    .execute()
  if (entries.length === 0) return []
  const rows = await db
    .selectFrom('ledger_rows')
    .selectAll()
    .where(
      'entry_key',
      'in',
      entries.map(({ key }) => key),
    )
    .orderBy('position')
    .execute()
  return entries.map(({ at: _, ...entry }) => ({
    ...entry,
    rows: rows
      .filter((row) => row.entry_key === entry.key)
      .map(({ account, amount }) => ({ account, amountMinor: BigInt(amount) })),
  }))
}

/** The ledger on a database. Its writers have the write turn of the engine, whose transaction they are given. */
export function createLedger<T>(database: Kysely<T>): Ledger {
  const db = database as unknown as Db
  return {
    post,
    async balance(account, currency) {
      const row = await db
        .selectFrom('ledger_balances')
        .select('balance')
        .where('account', '=', account)
        .where('currency', '=', currency)
        .executeTakeFirst()
      return BigInt(row?.balance ?? 0)
    },
    async balances() {
      const rows = await db
        .selectFrom('ledger_balances')
        .selectAll()
        .orderBy('account')
        .orderBy('currency')
        .execute()
      return rows.map(({ balance, ...account }) => ({ ...account, balanceMinor: BigInt(balance) }))
    },
    entriesOf: (reference) => readEntries(db, 'reference', reference),
    async imbalance() {
      const rows = await db
        .selectFrom('ledger_balances')
        .select((eb) => ['currency', eb.fn.coalesce(eb.fn.sum('balance'), sql.lit(0)).as('sum')])
        .groupBy('currency')
        .execute()
      return rows.map(({ sum }) => BigInt(sum)).reduce((all, sum) => all + (sum < 0n ? -sum : sum), 0n)
    },
    check: () => checkLedger(db),
  }
}
