import { type Kysely, SqliteAdapter, sql } from 'kysely'

/** Documents of the built-in search, their words by number in the full text of the database, and every term that was ever in one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  const documents = db.schema
    .createTable('search_documents')
    .addColumn('number', 'integer', (column) =>
      isSqlite ? column.primaryKey() : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn('collection', 'text', (column) => column.notNull())
    .addColumn('document_id', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('data', 'text')
    .addUniqueConstraint('search_documents_unique', ['collection', 'document_id'])
  await (isSqlite ? documents : documents.addColumn('words', sql`tsvector`)).execute()
  if (isSqlite) {
    await sql`create virtual table search_words using fts5(title, text, tokenize = 'unicode61', prefix = '2 3')`.execute(
      db,
    )
  } else {
    await sql`create index search_documents_words on search_documents using gin (words)`.execute(db)
  }
  await db.schema
    .createTable('search_terms')
    .addColumn('collection', 'text', (column) => column.notNull())
    .addColumn('term', isSqlite ? 'text' : sql`text collate "C"`, (column) => column.notNull())
    .addPrimaryKeyConstraint('search_terms_key', ['collection', 'term'])
    .execute()
}
