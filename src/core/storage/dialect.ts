import type { ColumnDefinitionBuilder, Kysely } from 'kysely'
import type { ColumnKind } from '../schema/field-type.ts'
import type { Tables } from './tables.ts'

/** Why a database refused a statement, in words that hold for every database. */
export type Violation =
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly kind: 'foreign_key' }
  | { readonly kind: 'required'; readonly column: string }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** How values of one kind of column go in and come out; null is handled before. */
export interface ColumnCodec {
  readonly type: string
  /** Absent where the JSON value is stored as it is. */
  readonly encode?: (value: unknown) => unknown
  readonly decode?: (stored: unknown) => unknown
}

/** Everything in which one SQL database differs from another; the rest goes through the query builder. */
export interface SqlDialect {
  readonly name: string
  readonly columns: Readonly<Record<ColumnKind, ColumnCodec>>
  /** The type of a number that the database counts up by itself. */
  readonly sequence: {
    readonly type: string
    define(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  }
  /** The comparison with `%` and `_` that takes upper and lower case for the same. */
  readonly likeOperator: 'like' | 'ilike'
  /** True where a row must be locked when it is read to be changed; false where one writer at a time is the rule. */
  readonly locksRows: boolean
  /**
   * Makes transactions that tell events end one after the other from here on, so that numbers become visible in their order: who has read
   * up to one number has missed none below it. Nothing where one writer at a time is the rule.
   */
  orderCommits(db: Kysely<Tables>): Promise<void>
  /** Undefined for an error that is not the statement's fault. */
  violation(error: unknown): Violation | undefined
}
