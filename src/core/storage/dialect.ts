import type { ColumnDefinitionBuilder, Kysely } from 'kysely'
import type { ColumnKind } from '../schema/field-type.ts'
import type { Tables } from './tables.ts'

export type { ColumnKind }

/** Why a database refused a statement, in words that hold for every database. */
export type Violation =
  /** The columns, where the database tells them; else only the index. */
  | { readonly kind: 'unique'; readonly columns: readonly string[]; readonly index?: string }
  | { readonly kind: 'foreign_key' }
  | { readonly kind: 'required'; readonly column: string }
  /** A value is longer than an index can hold. */
  | { readonly kind: 'too_long' }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** How values of one kind of column go in and come out; null is handled before. */
export interface ColumnCodec {
  readonly type: string
  /** What the database calls the type when it is asked, where that is not how it is written. */
  readonly dataType?: string
  /** Absent where the JSON value is stored as it is. */
  readonly encode?: (value: unknown) => unknown
  readonly decode?: (stored: unknown) => unknown
}

/** A column as the database has it. */
export interface ColumnShape {
  readonly name: string
  readonly dataType: string
  readonly isNullable: boolean
  readonly hasDefaultValue: boolean
}

/** What a database has: the columns of its tables by their names, those of their primary keys, and the names of its indexes. */
export interface DatabaseShape {
  readonly tables: ReadonlyMap<string, readonly ColumnShape[]>
  readonly keys: ReadonlyMap<string, readonly string[]>
  readonly indexes: ReadonlySet<string>
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
  /** True where a column may refer to a table that is made later. */
  readonly refersAhead: boolean
  /** True where several statements can be sent at once. */
  readonly takesScripts: boolean
  /** Undefined for an error that is not the statement's fault. */
  violation(error: unknown): Violation | undefined
  inspect(db: Kysely<Tables>): Promise<DatabaseShape>
  /** What a column holds, by what the database calls its type. */
  kindOf(dataType: string): ColumnKind
  /** Begins a transaction on one connection that sees one moment of the database, and keeps nobody from writing. */
  readonly beginSnapshot: string
  /** Runs work that fills tables in one transaction, as the only writer; what refers to what is checked at its end. */
  load<T>(db: Kysely<Tables>, work: (transaction: Kysely<Tables>) => Promise<T>): Promise<T>
  /**
   * Makes a transaction wait until no other one of the engine writes, in any process, and the only one until it ends. Absent where each
   * transaction is that from its begin.
   */
  lockWriting?(transaction: Kysely<Tables>): Promise<void>
  /** Lets other processes hear of commits; called once the table of events is there. Absent where they have to ask. */
  announceEvents?(db: Kysely<Tables>): Promise<void>
  /** Makes the database refuse to change or delete what is in the audit log, and to move the end of one of its chains back. */
  protectAudit(db: Kysely<Tables>): Promise<void>
  /** Takes that away for a transaction that puts a whole database back; protectAudit has to follow in it. */
  releaseAudit(db: Kysely<Tables>): Promise<void>
  /** Keeps a sentence with each table for whoever looks at the database; absent where it has no place for one. */
  describeTables?(db: Kysely<Tables>, descriptions: ReadonlyMap<string, string>): Promise<void>
  /**
   * Makes the database itself keep the records of organizations apart, in the tables named, by the column named; absent where it cannot.
   */
  protectOrganizations?(db: Kysely<Tables>, scopes: ReadonlyMap<string, string>): Promise<void>
  /** Runs statements for one organization, which the database then sees and takes nothing else for. */
  asOrganization?<T>(
    db: Kysely<Tables>,
    organizationId: string,
    work: (db: Kysely<Tables>) => Promise<T>,
  ): Promise<T>
}
