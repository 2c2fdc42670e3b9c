/** A transaction of the engine, handed through to stores that keep tables of their own; it means nothing to anybody else. */
export interface Transaction {
  readonly db: unknown
}
