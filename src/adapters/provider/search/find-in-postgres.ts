import { sql } from 'kysely'
import type { FindDocuments, Hit, TextQuery } from './find-documents.ts'

/** Words are letters and digits alone, so that quotes around them are enough. */
const matchOf = ({ words }: TextQuery): string =>
  words.map((beginnings) => `(${beginnings.map((word) => `'${word}':*`).join(' | ')})`).join(' & ')

/** The very expression that the index is made of; without a language, because the words are folded before. */
const words = sql`(setweight(to_tsvector('simple', d.title_words), 'A') || setweight(to_tsvector('simple', d.text_words), 'D'))`

/** Full text by PostgreSQL. */
export const findInPostgres: FindDocuments = async (db, query) => {
  const { collection, limit, offset } = query
  const from = sql`from search_documents as d, to_tsquery('simple', ${matchOf(query)}) as wanted
    where ${words} @@ wanted and d.collection = ${collection}`
  const hits =
    await sql<Hit>`select d.document_id, d.title, d.data, ts_rank(${words}, wanted) as score ${from}
    order by score desc, d.document_id limit ${limit} offset ${offset}`.execute(db)
  const counted = await sql<{ total: number }>`select count(*) as total ${from}`.execute(db)
  return { hits: hits.rows, total: Number(counted.rows[0]?.total ?? 0) }
}
