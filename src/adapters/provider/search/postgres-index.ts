import { sql } from 'kysely'
import type { Hit, TextIndex, TextQuery } from './text-index.ts'

/** Words are letters and digits alone, so that quotes around them are enough. */
const matchOf = ({ words }: TextQuery): string =>
  words.map((beginnings) => `(${beginnings.map((word) => `'${word}':*`).join(' | ')})`).join(' & ')

/** Full text by PostgreSQL, without a language: the words are folded before. */
export const postgresIndex: TextIndex = {
  async put(transaction, number, title, text) {
    await sql`update search_documents set words = setweight(to_tsvector('simple', ${title}), 'A')
      || setweight(to_tsvector('simple', ${text}), 'D') where number = ${number}`.execute(transaction)
  },
  // The words are a column of the document.
  async remove() {},
  async find(db, query) {
    const { collection, limit, offset } = query
    const from = sql`from search_documents as d, to_tsquery('simple', ${matchOf(query)}) as wanted
      where d.words @@ wanted and d.collection = ${collection}`
    const hits =
      await sql<Hit>`select d.document_id, d.title, d.data, ts_rank(d.words, wanted) as score ${from}
      order by score desc, d.document_id limit ${limit} offset ${offset}`.execute(db)
    const counted = await sql<{ total: number }>`select count(*) as total ${from}`.execute(db)
    return { hits: hits.rows, total: Number(counted.rows[0]?.total ?? 0) }
  },
}
