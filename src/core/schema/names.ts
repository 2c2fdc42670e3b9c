/** What modules, fields, actions and parameters may be called. */
export const namePattern = /^[a-z][a-z0-9_]*$/

/** Why a name is not one, as a sentence that says what to write. */
export const nameRule = 'must be lower-case letters, digits and _, beginning with a letter'

/** Names of columns that the engine or the database makes itself, and one that every JavaScript object answers to. */
export const reservedFields: ReadonlySet<string> = new Set([
  'constructor',
  'created_at',
  'id',
  'oid',
  'rowid',
  'updated_at',
])

/** The field by which a record belongs to an organization, and the module of those. */
export const scopeField = 'organization_id'
export const scopeModule = 'organization'

/** The column that says to which organization a record belongs; undefined where a module is one for all. */
export function scopeColumn(module: { readonly name: string; readonly scope: string }): string | undefined {
  if (module.scope !== 'organization') return undefined
  return module.name === scopeModule ? 'id' : scopeField
}

const reservedTables: ReadonlySet<string> = new Set([
  'jobs',
  'job_schedules',
  'reaction_calls',
  'payment_looks',
  'sync_states',
  'constructor',
  'event_cursors',
  'events',
  'idempotency_records',
])

/** True for table names that the product keeps for its own logs and marks. */
export const isReservedTable = (name: string): boolean =>
  reservedTables.has(name) || /^(?:apigate|audit|journal|sqlite|pg|usage)_/.test(name)
