import type { Rows } from '#contract/rows.gen.ts'

/** A stored record: snake_case fields as the module's YAML names them, plus `id`, `created_at`, `updated_at`. */
export type Row = { readonly id: string; readonly [field: string]: unknown }

/** One condition of a list; several are joined by "and". `like` takes `%` and `_`. */
export interface Condition {
  readonly field: string
  readonly op: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'like'
  readonly value: unknown
}

/** What to list: conditions, one sort field (the id breaks ties), a page size and the cursor of the page before. */
export interface ListQuery {
  readonly where?: readonly Condition[]
  readonly sort?: { readonly field: string; readonly descending: boolean }
  readonly limit?: number
  readonly cursor?: string
  readonly count?: boolean
}

/** One page of records. `nextCursor` is absent on the last page; `total` is there only when `count` was asked for. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string
  readonly total?: number
}

/**
 * Reading records, typed by the modules that ship with the product. Internal fields are present, secrets are decrypted:
 * nothing read here may leave the process without passing the module's view.
 */
export interface Records {
  get<M extends keyof Rows>(module: M, id: string): Promise<Rows[M] | undefined>
  getBy<M extends keyof Rows>(
    module: M,
    field: keyof Rows[M] & string,
    value: unknown,
  ): Promise<Rows[M] | undefined>
  list<M extends keyof Rows>(module: M, query?: ListQuery): Promise<Page<Rows[M]>>
  /** Every record that matches, page by page, so that a large table never stands in memory at once. */
  each<M extends keyof Rows>(module: M, where?: readonly Condition[]): AsyncIterable<Rows[M]>
}
