import { type Expression, type Kysely, type SqlBool, sql } from 'kysely'
import type { JournalEntry, JournalPlace, JournalQuery, LedgerBook } from '#ports/ledger-book.ts'
import { isShared } from './kind.ts'
import type { LedgerTables } from './ledger-store.ts'

type Db = Kysely<LedgerTables>

/** An account itself, or every account below it: what comes right after `:` sorts behind all of those. */
const named = (column: string, name: string): Expression<SqlBool> => {
  const account = sql.ref(column)
  return sql<SqlBool>`(${account} = ${name} or (${account} >= ${`${name}:`} and ${account} < ${`${name};`}))`
}

/** The book on a database. */
export function createLedgerBook<T>(database: Kysely<T>): LedgerBook {
  const db = database as unknown as Db
  const kind = isShared(db)
    ? sql<string>`split_part(account, ':', 1)`
    : sql<string>`substr(account, 1, instr(account || ':', ':') - 1)`
  return {
    async kinds() {
      const { rows } = await sql<{ kind: string; currency: string; accounts: number; balance: number }>`
        select ${kind} as kind, currency, count(*) as accounts, sum(balance) as balance
        from ledger_balances group by 1, 2 order by 1, 2`.execute(db)
      return rows.map(({ balance, accounts, ...row }) => ({
        ...row,
        accounts: Number(accounts),
        balanceMinor: BigInt(balance),
      }))
    },
    async accounts({ account, currency }, { limit, after }) {
      let query = db
        .selectFrom('ledger_balances')
        .selectAll()
        .orderBy('account')
        .orderBy('currency')
        .limit(limit)
      if (account !== undefined) query = query.where(named('account', account))
      if (currency !== undefined) query = query.where('currency', '=', currency)
      if (after !== undefined)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('account', 'currency'), '>', tuple(after.account, after.currency)),
        )
      const rows = await query.execute()
      return rows.map(({ balance, ...row }) => ({ ...row, balanceMinor: BigInt(balance) }))
    },
    journal: (query, page) => readJournal(db, query, page),
    async movements({ account, fromMs, toMs, stretchMs }) {
      const { rows } = await sql<{ start: number; currency: string; amount: number }>`
        select e.at - e.at % ${sql.lit(stretchMs)} as start, r.currency as currency, sum(r.amount) as amount
        from ledger_entries e join ledger_rows r on r.entry_key = e.key
        where e.at >= ${fromMs} and e.at < ${toMs} and r.account = ${account}
        group by 1, 2 order by 1, 2`.execute(db)
      return rows.map(({ start, currency, amount }) => ({
        startMs: Number(start),
        currency,
        amountMinor: BigInt(amount),
      }))
    },
  }
}

async function readJournal(
  db: Db,
  asked: JournalQuery,
  { limit, before }: { readonly limit: number; readonly before?: JournalPlace },
): Promise<readonly JournalEntry[]> {
  const { account, kind, currency, reference, fromMs, toMs } = asked
  let query = db
    .selectFrom('ledger_entries')
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('key', 'desc')
    .limit(limit)
  if (account !== undefined)
    query = query.where('key', 'in', (eb) =>
      eb.selectFrom('ledger_rows').select('entry_key').where(named('account', account)),
    )
  if (kind !== undefined) query = query.where('kind', '=', kind)
  if (currency !== undefined) query = query.where('currency', '=', currency)
  if (reference !== undefined) query = query.where('reference', '=', reference)
  if (fromMs !== undefined) query = query.where('at', '>=', fromMs)
  if (toMs !== undefined) query = query.where('at', '<', toMs)
  if (before !== undefined)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('at', 'key'), '<', tuple(before.atMs, before.key)),
    )
  const entries = await query.execute()
  if (entries.length === 0) return []
  const keys = entries.map(({ key }) => key)
  const rows = await db
    .selectFrom('ledger_rows')
    .selectAll()
    .where('entry_key', 'in', keys)
    .orderBy('entry_key')
    .orderBy('position')
    .execute()
  const byKey = Map.groupBy(rows, ({ entry_key }) => entry_key)
  return entries.map(({ at, ...entry }) => ({
    ...entry,
    atMs: Number(at),
    rows: (byKey.get(entry.key) ?? []).map((row) => ({
      account: row.account,
      amountMinor: BigInt(row.amount),
    })),
  }))
}
