import { type Kysely, sql } from 'kysely'
import type { LedgerCheck } from '#ports/ledger.ts'
import type { LedgerTables } from './ledger-store.ts'

/** Recounts every entry and every account from the rows, in the database: only what is wrong comes out of it. */
export async function checkLedger(db: Kysely<LedgerTables>): Promise<LedgerCheck> {
  const [entries, rows, unbalanced, drifted] = await Promise.all([
    countOf(db, 'ledger_entries'),
    countOf(db, 'ledger_rows'),
    unbalancedEntries(db),
    driftedAccounts(db),
  ])
  return { entries, rows, unbalanced, drifted }
}

async function countOf(db: Kysely<LedgerTables>, table: 'ledger_entries' | 'ledger_rows'): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(db)
  return Number(rows[0]?.count ?? 0)
}

/** Out of balance, in another currency than its rows, or rows of no entry. */
async function unbalancedEntries(db: Kysely<LedgerTables>): Promise<readonly string[]> {
  const { rows } = await sql<{ key: string }>`
    select r.entry_key as key from ledger_rows r left join ledger_entries e on e.key = r.entry_key
    group by r.entry_key
    having sum(r.amount) <> 0 or count(e.key) <> count(*) or min(r.currency) <> max(r.currency)
      or max(e.currency) <> max(r.currency)
    order by r.entry_key`.execute(db)
  return rows.map(({ key }) => key)
}

async function driftedAccounts(db: Kysely<LedgerTables>): Promise<LedgerCheck['drifted']> {
  const { rows } = await sql<{ account: string; currency: string; balance: number; summed: number }>`
    select account, currency, sum(balance) as balance, sum(summed) as summed from (
      select account, currency, balance, 0 as summed from ledger_balances
      union all
      select account, currency, 0 as balance, amount as summed from ledger_rows
    ) as both_sides
    group by account, currency having sum(balance) <> sum(summed) order by account, currency`.execute(db)
  return rows.map(({ account, currency, balance, summed }) => ({
    account,
    currency,
    balanceMinor: BigInt(balance),
    summedMinor: BigInt(summed),
  }))
}
