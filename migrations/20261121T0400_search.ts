import { type Kysely, SqliteAdapter, sql } from 'kysely'

/**
 * Documents of the built-in search with their words as they are compared, and every term that was ever in one. The full text follows the
 * documents by itself, so that it is right after a restore too: on SQLite by triggers, on PostgreSQL as an index over an expression.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  await db.schema
    .createTable('search_documents')
    .addColumn('number', 'integer', (column) =>
      isSqlite ? column.primaryKey() : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn('collection', 'text', (column) => column.notNull())
    .addColumn('document_id', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('data', 'text')
    .addColumn('title_words', 'text', (column) => column.notNull())
    .addColumn('text_words', 'text', (column) => column.notNull())
    .addUniqueConstraint('search_documents_unique', ['collection', 'document_id'])
    .execute()
  if (isSqlite) await fullTextOfSqlite(db)
  else {
    await sql`create index search_documents_words on search_documents using gin (
      (setweight(to_tsvector('simple', title_words), 'A') || setweight(to_tsvector('simple', text_words), 'D')))`.execute(
      db,
    )
  }
  await db.schema
    .createTable('search_terms')
    .addColumn('collection', 'text', (column) => column.notNull())
    .addColumn('term', isSqlite ? 'text' : sql`text collate "C"`, (column) => column.notNull())
    .addPrimaryKeyConstraint('search_terms_key', ['collection', 'term'])
    .execute()
}

async function fullTextOfSqlite(db: Kysely<unknown>): Promise<void> {
  const add = sql`insert into search_words (rowid, title_words, text_words)
    values (new.number, new.title_words, new.text_words);`
  const remove = sql`insert into search_words (search_words, rowid, title_words, text_words)
    values ('delete', old.number, old.title_words, old.text_words);`
  await sql`create virtual table search_words using fts5(title_words, text_words, content = 'search_documents',
    content_rowid = 'number', tokenize = 'unicode61', prefix = '2 3')`.execute(db)
  await sql`create trigger search_documents_added after insert on search_documents begin ${add} end`.execute(
    db,
  )
  await sql`create trigger search_documents_changed after update on search_documents begin ${remove} ${add} end`.execute(
    db,
  )
  await sql`create trigger search_documents_removed after delete on search_documents begin ${remove} end`.execute(
    db,
  )
}
