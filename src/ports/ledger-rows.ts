/** One row of an entry of the ledger; debits are positive. */
export interface LedgerRowView {
  readonly key: string
  readonly position: number
  readonly atMs: number
  readonly kind: string
  readonly reference: string
  readonly account: string
  readonly currency: string
  readonly amountMinor: bigint
}

/** Rows of the ledger in [fromMs, toMs) in the order of time, page by page; of some accounts alone where those are given. */
export type ReadLedgerRows = (query: {
  readonly fromMs: number
  readonly toMs: number
  readonly accounts?: readonly string[]
}) => AsyncIterable<LedgerRowView>
