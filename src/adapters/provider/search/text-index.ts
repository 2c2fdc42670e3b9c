import type { Kysely, Transaction } from 'kysely'

/** The tables of the built-in search, as its migration makes them. */
export interface SearchTables {
  search_documents: {
    number: number
    collection: string
    document_id: string
    title: string
    text: string
    data: string | null
  }
  search_terms: { collection: string; term: string }
}

/** A document that was found; a higher score is better. */
export interface Hit {
  readonly document_id: string
  readonly title: string
  readonly data: string | null
  readonly score: number
}

/** What is asked: each word as the beginnings that count as it, all words wanted. */
export interface TextQuery {
  readonly collection: string
  readonly words: readonly (readonly string[])[]
  readonly limit: number
  readonly offset: number
}

/** The full text of one kind of database; texts come as words between spaces. */
export interface TextIndex {
  /** In the transaction that has written the document. */
  put(transaction: Transaction<SearchTables>, number: number, title: string, text: string): Promise<void>
  remove(transaction: Transaction<SearchTables>, number: number): Promise<void>
  find(
    db: Kysely<SearchTables>,
    query: TextQuery,
  ): Promise<{ readonly hits: readonly Hit[]; readonly total: number }>
}
