import type { Generated, Kysely } from 'kysely'

/** The tables of the built-in search, as its migration makes them. */
export interface SearchTables {
  search_documents: {
    number: Generated<number>
    collection: string
    document_id: string
    title: string
    text: string
    data: string | null
    /** The words of title and text, folded, between spaces. */
    title_words: string
    text_words: string
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

/** How one kind of database finds documents by their words. */
export type FindDocuments = (
  db: Kysely<SearchTables>,
  query: TextQuery,
) => Promise<{ readonly hits: readonly Hit[]; readonly total: number }>
