import type { LedgerEntry } from '#domain/ledger/entry.ts'
import type { Transaction } from './transaction.ts'

/** What an account holds: debits less credits, in minor units. */
export interface AccountBalance {
  readonly account: string
  readonly currency: string
  readonly balanceMinor: bigint
}

/** What a check of the whole ledger found: all empty when everything is right. */
export interface LedgerCheck {
  readonly entries: number
  readonly rows: number
  /** Entries whose rows do not sum to zero. */
  readonly unbalanced: readonly string[]
  /** Accounts whose balance is not the sum of their rows. */
  readonly drifted: readonly (AccountBalance & { readonly summedMinor: bigint })[]
}

/** The double-entry ledger: append-only, per currency. */
export interface Ledger {
  /**
   * Writes an entry in a transaction; false when its key was there already, and then nothing is written. Throws when its rows do not
   * balance, or when the same key is told with other rows.
   */
  post(transaction: Transaction, entry: LedgerEntry, atMs: number): Promise<boolean>
  balance(account: string, currency: string): Promise<bigint>
  /** All accounts, by name. */
  balances(): Promise<readonly AccountBalance[]>
  /** The entries about a record, in their order. */
  entriesOf(reference: string): Promise<readonly LedgerEntry[]>
  /** How far all balances together are from zero: 0, or something is wrong. */
  imbalance(): Promise<bigint>
  /** Reads everything and recounts it. */
  check(): Promise<LedgerCheck>
}
