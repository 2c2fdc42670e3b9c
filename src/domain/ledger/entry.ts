import { Fault } from '#contract/outcome.ts'

/** One side of an entry: a debit is positive, a credit negative. */
export interface LedgerRow {
  readonly account: string
  readonly amountMinor: bigint
}

/** Something that happened to money, once: rows of one currency that sum to zero. */
export interface LedgerEntry {
  /** The same key is the same happening, however often it is told. */
  readonly key: string
  readonly kind: string
  readonly currency: string
  /** The record that it is about. */
  readonly reference: string
  readonly rows: readonly LedgerRow[]
}

const accountPattern = /^[a-z_]+(:[A-Za-z0-9_-]+)*$/

/** The debit and the credit of one amount; nothing for 0, the other way round for less. */
export function transfer(debit: string, credit: string, amountMinor: bigint): readonly LedgerRow[] {
  if (amountMinor === 0n) return []
  return [
    { account: debit, amountMinor },
    { account: credit, amountMinor: -amountMinor },
  ]
}

/** The entry with one row an account; throws when its rows do not sum to zero or an account has no name. */
export function balanced(entry: LedgerEntry): LedgerEntry {
  const sums = new Map<string, bigint>()
  for (const { account, amountMinor } of entry.rows) {
    if (!accountPattern.test(account)) throw new Fault('internal_error', `"${account}" is no ledger account`)
    sums.set(account, (sums.get(account) ?? 0n) + amountMinor)
  }
  const total = [...sums.values()].reduce((sum, amount) => sum + amount, 0n)
  if (total !== 0n)
    throw new Fault('internal_error', `the ledger entry ${entry.key} is out of balance by ${total}`)
  const rows = [...sums].filter(([, amount]) => amount !== 0n)
  return { ...entry, rows: rows.map(([account, amountMinor]) => ({ account, amountMinor })) }
}

/** The rows that undo others. */
export const mirrored = (rows: readonly LedgerRow[]): readonly LedgerRow[] =>
  rows.map(({ account, amountMinor }) => ({ account, amountMinor: -amountMinor }))
