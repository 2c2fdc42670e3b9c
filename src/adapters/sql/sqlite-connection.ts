import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

const mostStatements = 500
const isCacheable = /^(?:select|insert|update|delete|with|begin|commit|rollback|savepoint|release)\b/i

function wrap(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  }
}

/**
 * Node's own SQLite in the shape that Kysely's SQLite dialect drives. Prepared statements are kept, least recently used first
 * out; a transaction takes the write lock at its begin, so that it never has to be given up half-way because another process writes.
 */
export function sqliteConnection(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    prepare(text) {
      const sql = text === 'begin' ? 'begin immediate' : text
      const known = statements.get(sql)
      if (known !== undefined) {
        statements.delete(sql)
        statements.set(sql, known)
        return known
      }
      const statement = wrap(database.prepare(sql))
      if (!isCacheable.test(sql)) {
        // A change of the tables may change what kept statements answer.
        statements.clear()
        return statement
      }
      statements.set(sql, statement)
      if (statements.size > mostStatements) {
        const [oldest] = statements.keys()
        if (oldest !== undefined) statements.delete(oldest)
      }
      return statement
    },
    close: () => database.close(),
  }
}
