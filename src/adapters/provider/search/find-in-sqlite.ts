import { sql } from 'kysely'
import type { FindDocuments, Hit, TextQuery } from './find-documents.ts'

/** A title counts as much as several mentions in the text. */
const titleWeight = 8

/** Words are letters and digits alone, so that quotes around them are enough. */
const matchOf = ({ words }: TextQuery): string =>
  words.map((beginnings) => `(${beginnings.map((word) => `"${word}"*`).join(' OR ')})`).join(' AND ')

/** Full text by SQLite's FTS5; triggers keep it true to the documents. */
export const findInSqlite: FindDocuments = async (db, query) => {
  const { collection, limit, offset } = query
  const from = sql`from search_words join search_documents as d on d.number = search_words.rowid
    where search_words match ${matchOf(query)} and d.collection = ${collection}`
  const hits =
    await sql<Hit>`select d.document_id, d.title, d.data, -bm25(search_words, ${titleWeight}, 1) as score ${from}
    order by score desc, d.document_id limit ${limit} offset ${offset}`.execute(db)
  const counted = await sql<{ total: number }>`select count(*) as total ${from}`.execute(db)
  return { hits: hits.rows, total: Number(counted.rows[0]?.total ?? 0) }
}
