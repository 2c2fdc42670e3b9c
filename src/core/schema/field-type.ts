import type { z } from 'zod'
import type { Field, FieldTypeName } from './module.ts'

/** What a database column can hold; each dialect maps it to its own type. */
export type ColumnKind = 'text' | 'integer' | 'boolean' | 'json' | 'timestamp' | 'binary'

/** Everything the product knows about one field type: one file each in `fields/`. */
export interface FieldType {
  readonly name: FieldTypeName
  readonly column: ColumnKind
  /** Validates and normalises a value from JSON; its issues become the reason in the error. Null is handled before. */
  schema(field: Field): z.ZodType
  /** Turns the text of a flag or a query parameter into a JSON value for `schema`. */
  fromText(text: string): unknown
  /** Can be compared with `gt`/`lt` and sorted by. */
  readonly isOrdered: boolean
  /** The widget of a form, named as in the pages' kit. */
  readonly widget: string
  /** The TypeScript type of the value in a row, for generated types. */
  typescript(field: Field): string
}
