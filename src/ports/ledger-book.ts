import type { LedgerEntry } from '#domain/ledger/entry.ts'
import type { AccountBalance } from './ledger.ts'

/** All accounts of one kind and currency together: `receivable` holds what every customer owes. */
export interface KindBalance {
  readonly kind: string
  readonly currency: string
  readonly accounts: number
  readonly balanceMinor: bigint
}

/** An entry with the moment it was written at. */
export interface JournalEntry extends LedgerEntry {
  readonly atMs: number
}

/** Which entries; all of what is given has to hold. */
export interface JournalQuery {
  /** An account, or a kind of accounts: `receivable` is every customer's. */
  readonly account?: string
  readonly kind?: string
  readonly currency?: string
  /** The record that it is about. */
  readonly reference?: string
  readonly fromMs?: number
  /** The end is left out. */
  readonly toMs?: number
}

/** The place of an entry in the journal. */
export interface JournalPlace {
  readonly atMs: number
  readonly key: string
}

/** What came onto an account in one stretch of time. */
export interface Movement {
  readonly startMs: number
  readonly currency: string
  readonly amountMinor: bigint
}

/** The ledger for those who read it: nothing of it writes. */
export interface LedgerBook {
  kinds(): Promise<readonly KindBalance[]>
  /** Accounts by name; `account` may name one, or a kind of them. */
  accounts(
    query: Pick<JournalQuery, 'account' | 'currency'>,
    page: { readonly limit: number; readonly after?: Pick<AccountBalance, 'account' | 'currency'> },
  ): Promise<readonly AccountBalance[]>
  /** Entries, newest first. */
  journal(
    query: JournalQuery,
    page: { readonly limit: number; readonly before?: JournalPlace },
  ): Promise<readonly JournalEntry[]>
  /** Sums of an account's rows, by stretches that begin at multiples of `stretchMs`; a stretch without any is not there. */
  movements(query: {
    readonly account: string
    readonly fromMs: number
    readonly toMs: number
    readonly stretchMs: number
  }): Promise<readonly Movement[]>
}
