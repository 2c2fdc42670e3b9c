import type { Kysely } from 'kysely'
import type { LedgerRowView, ReadLedgerRows } from '#ports/ledger-rows.ts'
import type { LedgerTables } from './ledger-store.ts'

const rowsAtOnce = 1000

type Place = Pick<LedgerRowView, 'atMs' | 'key' | 'position'>

/** Reads rows of the ledger of a database; nothing is held open between two pages. */
export function createReadLedgerRows<T>(database: Kysely<T>): ReadLedgerRows {
  const db = database as unknown as Kysely<LedgerTables>

  async function page(
    { fromMs, toMs, accounts }: Parameters<ReadLedgerRows>[0],
    after: Place | undefined,
  ): Promise<readonly LedgerRowView[]> {
    let query = db
      .selectFrom('ledger_entries')
      .innerJoin('ledger_rows', 'ledger_rows.entry_key', 'ledger_entries.key')
      .select(['key', 'kind', 'reference', 'at', 'position', 'account', 'ledger_rows.currency', 'amount'])
      .where('at', '>=', fromMs)
      .where('at', '<', toMs)
    if (accounts !== undefined) query = query.where('account', 'in', accounts)
    if (after !== undefined)
      query = query.where((eb) =>
        eb.or([
          eb('at', '>', after.atMs),
          eb.and([eb('at', '=', after.atMs), eb('key', '>', after.key)]),
          eb.and([eb('at', '=', after.atMs), eb('key', '=', after.key), eb('position', '>', after.position)]),
        ]),
      )
    const rows = await query.orderBy('at').orderBy('key').orderBy('position').limit(rowsAtOnce).execute()
    return rows.map(({ at, amount, position, ...row }) => ({
      ...row,
      atMs: Number(at),
      position: Number(position),
      amountMinor: BigInt(amount),
    }))
  }

  return async function* (query) {
    if (query.accounts?.length === 0) return
    let after: Place | undefined
    for (;;) {
      const rows = await page(query, after)
      yield* rows
      after = rows.at(-1)
      if (after === undefined || rows.length < rowsAtOnce) return
    }
  }
}
