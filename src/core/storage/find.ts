import { type CompiledQuery, expressionBuilder, type Kysely } from 'kysely'
import type { Row } from '#ports/records.ts'
import type { Field } from '../schema/module.ts'
import type { SqlDialect } from './dialect.ts'
import type { Table } from './table.ts'
import type { ModuleTables } from './tables.ts'

/** Reading whole rows to change them, or what may be shown. */
export type Purpose = 'change' | 'show'

/**
 * The records that answer to a text from outside: the one with that id, else all with that value of a lookup field, at most three; of one
 * organization where `bound` names it.
 */
export type Find = (
  db: Kysely<ModuleTables>,
  idOrValue: string,
  purpose: Purpose,
  bound: string | undefined,
) => Promise<readonly Row[]>

/** What stands in a prepared statement for what is only known when it is asked. */
const idMark = 'the text'
const boundMark = 'the organization'
const builder = expressionBuilder<ModuleTables, string>()

/** Makes the search of a table. Its statements are built once: building one costs more than running it. */
export function createFind(
  db: Kysely<ModuleTables>,
  dialect: SqlDialect,
  table: Table,
  scope: string | undefined,
): Find {
  const lookups = [...table.fields.values()].filter(({ isLookup }) => isLookup)
  const markOf = ({ name }: Field): string => `the value of ${name}`

  function build(purpose: Purpose, isBound: boolean): CompiledQuery<Record<string, unknown>> {
    const matches = lookups.map((field) => builder(field.name, '=', markOf(field)))
    let select = db
      .selectFrom(table.name)
      .select([...(purpose === 'change' ? table.columns : table.openColumns)])
      .where(builder.or([builder('id', '=', idMark), ...matches]))
      .orderBy(builder.case().when('id', '=', idMark).then(0).else(1).end())
      .limit(3)
    if (isBound && scope !== undefined) select = select.where(scope, '=', boundMark)
    if (purpose === 'change' && dialect.locksRows) select = select.forUpdate()
    return select.compile()
  }

  const statements = {
    change: { open: build('change', false), bound: build('change', true) },
    show: { open: build('show', false), bound: build('show', true) },
  }

  /** What a field would hold; null, which equals nothing, where it cannot hold the text. */
  function storedValue(field: Field, text: string): unknown {
    const parsed = table.comparable(field)?.safeParse(field.type.fromText(text))
    return parsed?.success === true ? table.encodeValue(field, parsed.data) : null
  }

  return async (on, idOrValue, purpose, bound) => {
    // No stored text holds one, and not every database can be asked for it.
    if (idOrValue.includes('\u0000')) return []
    const values = new Map<unknown, unknown>([
      [idMark, idOrValue],
      [boundMark, bound],
    ])
    for (const field of lookups) values.set(markOf(field), storedValue(field, idOrValue))
    const statement = statements[purpose][bound === undefined || scope === undefined ? 'open' : 'bound']
    const parameters = statement.parameters.map((one) => (values.has(one) ? values.get(one) : one))
    const { rows } = await on.executeQuery({ ...statement, parameters })
    const found = rows.map((row) => table.decode(row as Readonly<Record<string, unknown>>))
    return found[0]?.id === idOrValue ? found.slice(0, 1) : found
  }
}
