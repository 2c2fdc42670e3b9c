import { Fault, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import { scopeField } from '../schema/names.ts'
import { databaseName } from './database-name.ts'
import type { SqlDialect } from './dialect.ts'
import { type Table, uniqueSets } from './table.ts'

/** Runs work on a database; one that is locked, full or read-only right now is `service_unavailable`, not a fault of ours. */
export async function whileAvailable<T>(dialect: SqlDialect, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const violation = dialect.violation(error)
    if (violation?.kind !== 'unavailable') throw error
    throw new Fault('service_unavailable', `the database cannot be used: ${violation.reason}`, {
      cause: error,
    })
  }
}

/** The columns of an index that syncing has made. */
const columnsOf = ({ module, name }: Table, index: string | undefined): readonly string[] =>
  uniqueSets(module).find((columns) => databaseName('uniq', name, ...columns) === index) ?? ['id']

/** A database's "no" as a refusal; anything else goes on as it came. */
export function refusalFrom(dialect: SqlDialect, table: Table, error: unknown): Refusal {
  const violation = dialect.violation(error)
  switch (violation?.kind) {
    case 'unique': {
      const taken = violation.columns.length > 0 ? violation.columns : columnsOf(table, violation.index)
      const isScoped = table.module.scope === 'organization' && taken.length > 1
      const columns = taken.filter((name) => !isScoped || name !== scopeField)
      const [field = 'id'] = columns
      const together = columns.length > 1 ? `this combination of ${columns.join(' and ')}` : `this ${field}`
      const reason = 'is already taken'
      const message = `There is already a record of ${table.module.name} with ${together}`
      return refuse('conflict', message, { field, reason })
    }
    case 'foreign_key':
      return refuse(
        'conflict',
        'A record that this one refers to is gone, or another record still refers to this one',
      )
    case 'required':
      return refuseFields([{ field: violation.column, reason: 'is required' }])
    case 'too_long':
      return refuse('validation_error', 'A value that records are found by is too long for that')
    case 'unavailable':
      throw new Fault('service_unavailable', `the database cannot be written: ${violation.reason}`, {
        cause: error,
      })
    default:
      throw error
  }
}
