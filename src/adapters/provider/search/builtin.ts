import { type Kysely, sql } from 'kysely'
import { accept, Fault } from '#contract/outcome.ts'
import type { SqlDialect } from '#core/storage/dialect.ts'
import type { Tables } from '#core/storage/tables.ts'
import { forgiven, meantWord, wordsOf } from '#domain/search/words.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { postgresIndex } from './postgres-index.ts'
import { sqliteIndex } from './sqlite-index.ts'
import type { SearchTables, TextIndex } from './text-index.ts'

const mostQueryWords = 16
const mostCandidates = 5_000
/** Keeps one statement below the number of parameters that every database takes. */
const termsAtOnce = 200

const indexes: Readonly<Record<string, TextIndex>> = { postgres: postgresIndex, sqlite: sqliteIndex }

function indexFor({ name }: Pick<SqlDialect, 'name'>): TextIndex {
  const index = indexes[name]
  if (index === undefined) throw new Fault('internal_error', `there is no full text for the database ${name}`)
  return index
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
  const index = indexFor(deps.dialect)
  return () => ({
    actions: {
      async put({ collection, document_id: id, title, text, data }) {
        const values = {
          title,
          text: text ?? '',
          data: data === undefined || data === null ? null : JSON.stringify(data),
        }
        const [titleWords, textWords] = [wordsOf(title), wordsOf(values.text)]
        await db.transaction().execute(async (transaction) => {
          const { number } = await transaction
            .insertInto('search_documents')
            .values({ collection, document_id: id, ...values } as never)
            .onConflict((conflict) => conflict.columns(['collection', 'document_id']).doUpdateSet(values))
            .returning('number')
            .executeTakeFirstOrThrow()
          await index.put(transaction, number, titleWords.join(' '), textWords.join(' '))
          await addTerms(transaction, collection, [...titleWords, ...textWords])
        })
        return accept({ document_id: id })
      },
      async remove({ collection, document_id: id }) {
        const removed = await db.transaction().execute(async (transaction) => {
          const gone = await transaction
            .deleteFrom('search_documents')
            .where('collection', '=', collection)
            .where('document_id', '=', id)
            .returning('number')
            .executeTakeFirst()
          if (gone !== undefined) await index.remove(transaction, gone.number)
          return gone !== undefined
        })
        return accept({ removed })
      },
      async query({ collection, text, limit, offset }) {
        const asked = [...new Set(wordsOf(text))].slice(0, mostQueryWords)
        if (asked.length === 0) return accept({ hits: [], total: 0 })
        const words: (readonly string[])[] = []
        for (const word of asked) words.push(await beginningsOf(db, collection, word))
        const found = await index.find(db, { collection, words, limit: limit ?? 20, offset: offset ?? 0 })
        const hits = found.hits.map(({ data, ...hit }) => ({
          ...hit,
          data: data === null ? null : (JSON.parse(data) as unknown),
        }))
        return accept({ hits, total: found.total })
      },
    },
  })
}
