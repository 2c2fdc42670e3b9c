import { type Kysely, sql } from 'kysely'
import { accept, Fault } from '#contract/outcome.ts'
import type { SqlDialect } from '#core/storage/dialect.ts'
import type { Tables } from '#core/storage/tables.ts'
import { forgiven, meantWord, wordsOf } from '#domain/search/words.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import type { FindDocuments, SearchTables } from './find-documents.ts'
import { findInPostgres } from './find-in-postgres.ts'
import { findInSqlite } from './find-in-sqlite.ts'

const mostQueryWords = 16
const mostCandidates = 5_000
/** Keeps one statement below the number of parameters that every database takes. */
const termsAtOnce = 200

const finders: Readonly<Record<string, FindDocuments>> = { postgres: findInPostgres, sqlite: findInSqlite }

function finderFor({ name }: Pick<SqlDialect, 'name'>): FindDocuments {
  const find = finders[name]
  if (find === undefined) throw new Fault('internal_error', `there is no full text for the database ${name}`)
  return find
}

/** Remembers the terms of a collection: what a mistyped word may have meant. */
async function addTerms(
  db: Kysely<SearchTables>,
  collection: string,
  words: Iterable<string>,
): Promise<void> {
  const terms = [...new Set(words)].map((term) => ({ collection, term }))
  for (let start = 0; start < terms.length; start += termsAtOnce) {
    const part = terms.slice(start, start + termsAtOnce)
    await db
      .insertInto('search_terms')
      .values(part)
      .onConflict((conflict) => conflict.columns(['collection', 'term']).doNothing())
      .execute()
  }
}

/** A word of a query as the beginnings that count as it: itself, and what it may have meant when no term begins with it. */
async function beginningsOf(
  db: Kysely<SearchTables>,
  collection: string,
  word: string,
): Promise<readonly string[]> {
  const terms = db.selectFrom('search_terms').select('term').where('collection', '=', collection)
  const known = await terms.where('term', 'like', `${word}%`).limit(1).executeTakeFirst()
  const slips = forgiven(word.length)
  if (known !== undefined || slips === 0) return [word]
  const near = await terms
    .where('term', 'like', `${word.slice(0, 1)}%`)
    .where((one) => one.between(sql<number>`length(term)`, word.length - slips, word.length + slips))
    .limit(mostCandidates)
    .execute()
  const meant = meantWord(
    word,
    near.map(({ term }) => term),
  )
  return meant === undefined ? [word] : [word, meant]
}

/**
 * Search in the product's own database, by the full text that it has: every word of a query must begin a word of the document, a
 * slip of the keyboard is forgiven, titles count more than texts.
 */
export function createBuiltinSearch(deps: {
  readonly db: Kysely<Tables>
  readonly dialect: Pick<SqlDialect, 'name'>
}): OpenProviderCode<ProviderActions<'search'>> {
  const db = deps.db as unknown as Kysely<SearchTables>
  const find = finderFor(deps.dialect)
  return () => ({
    actions: {
      async put({ collection, document_id: id, title, text, data }) {
        const [titleWords, textWords] = [wordsOf(title), wordsOf(text ?? '')]
        const values = {
          title,
          text: text ?? '',
          data: data === undefined || data === null ? null : JSON.stringify(data),
          title_words: titleWords.join(' '),
          text_words: textWords.join(' '),
        }
        await db.transaction().execute(async (transaction) => {
          await transaction
            .insertInto('search_documents')
            .values({ collection, document_id: id, ...values })
            .onConflict((conflict) => conflict.columns(['collection', 'document_id']).doUpdateSet(values))
            .execute()
          await addTerms(transaction, collection, [...titleWords, ...textWords])
        })
        return accept({ document_id: id })
      },
      async remove({ collection, document_id: id }) {
        const gone = await db
          .deleteFrom('search_documents')
          .where('collection', '=', collection)
          .where('document_id', '=', id)
          .executeTakeFirst()
        return accept({ removed: gone.numDeletedRows > 0n })
      },
      async query({ collection, text, limit, offset }) {
        const asked = [...new Set(wordsOf(text))].slice(0, mostQueryWords)
        if (asked.length === 0) return accept({ hits: [], total: 0 })
        const words: (readonly string[])[] = []
        for (const word of asked) words.push(await beginningsOf(db, collection, word))
        const found = await find(db, { collection, words, limit: limit ?? 20, offset: offset ?? 0 })
        const hits = found.hits.map(({ data, ...hit }) => ({
          ...hit,
          data: data === null ? null : (JSON.parse(data) as unknown),
        }))
        return accept({ hits, total: found.total })
      },
    },
  })
}
