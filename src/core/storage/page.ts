import {
  type Expression,
  expressionBuilder,
  type Kysely,
  type OrderByModifiers,
  type SqlBool,
  sql,
} from 'kysely'
import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'
import { shortened } from '#contract/shortened.ts'
import type { ListQuery, Page, Row } from '#ports/records.ts'
import type { Field } from '../schema/module.ts'
import { hint } from '../schema/suggest.ts'
import { decodeCursor, encodeCursor, type Place } from './cursor.ts'
import type { SqlDialect } from './dialect.ts'
import type { Table } from './table.ts'
import type { ModuleTables } from './tables.ts'
import { isShown, whereOf } from './where.ts'

/** Who reads: `shown` sees what the REST channel may show and small pages, `all` sees everything. */
export type Reach = 'shown' | 'all'

const pageSizes = { shown: { usual: 20, most: 100 }, all: { usual: 100, most: 1000 } } as const
const builder = expressionBuilder<ModuleTables, string>()

interface Sort {
  readonly field: Field
  readonly isDescending: boolean
  /** True when the column may be empty; empty comes last, or first when descending, in every database. */
  readonly mayBeEmpty: boolean
  readonly text: string
}

function sortOf(table: Table, query: ListQuery, reach: Reach): Outcome<Sort> {
  const { field: name, descending } = query.sort ?? { field: 'id', descending: false }
  const field = table.fields.get(name)
  const sortable = (one: Field): boolean => one.type.isOrdered && (reach === 'all' || isShown(one))
  if (field === undefined || !sortable(field)) {
    const known = [...table.fields.values()].filter(sortable).map((one) => one.name)
    return refuseFields([{ field: 'sort', reason: `cannot be by "${shortened(name)}"${hint(name, known)}` }])
  }
  const text = `${descending ? '-' : ''}${name}`
  return accept({ field, isDescending: descending, mayBeEmpty: !field.isRequired, text })
}

/** Everything that comes after a place, ties broken by the id. */
function after({ field, isDescending, mayBeEmpty }: Sort, { value, id }: Place): Expression<SqlBool> {
  const beyond = isDescending ? '<' : '>'
  const name = field.name
  if (name === 'id') return builder('id', beyond, id)
  if (value === null) {
    const sameEmpty = builder.and([builder(name, 'is', null), builder('id', beyond, id)])
    return isDescending ? builder.or([sameEmpty, builder(name, 'is not', null)]) : sameEmpty
  }
  const next = builder.and([
    builder(name, isDescending ? '<=' : '>=', value),
    builder.or([builder(name, beyond, value), builder('id', beyond, id)]),
  ])
  return mayBeEmpty && !isDescending ? builder.or([next, builder(name, 'is', null)]) : next
}

/** One page of a module's records by keyset, so that a page costs the same wherever it is; of those within the bounds. */
export async function readPage(
  db: Kysely<ModuleTables>,
  dialect: SqlDialect,
  table: Table,
  query: ListQuery,
  reach: Reach,
  bounds: readonly Expression<SqlBool>[] = [],
): Promise<Outcome<Page<Row>>> {
  const sort = sortOf(table, query, reach)
  if (!sort.ok) return sort
  const where = whereOf(table, dialect, query.where ?? [], reach === 'shown')
  if (!where.ok) return where
  const all = [...bounds, ...where.value]
  const place = query.cursor === undefined ? undefined : decodeCursor(query.cursor, sort.value.text)
  if (place?.ok === false) return place

  const sizes = pageSizes[reach]
  const limit = Math.min(Math.max(query.limit ?? sizes.usual, 1), sizes.most)
  const { field, isDescending, mayBeEmpty, text } = sort.value
  const order: OrderByModifiers = isDescending ? 'desc' : 'asc'
  let select = db
    .selectFrom(table.name)
    .select(reach === 'shown' ? [...table.openColumns] : [...table.columns])
    .where(builder.and(all))
  if (place !== undefined) select = select.where(after(sort.value, place.value))
  if (field.name !== 'id') {
    if (mayBeEmpty) select = select.orderBy(sql`${sql.ref(field.name)} is null`, order)
    select = select.orderBy(field.name, order)
  }
  const stored = await select
    .orderBy('id', order)
    .limit(limit + 1)
    .execute()

  const shown = stored.slice(0, limit)
  const last = stored.length > limit ? shown.at(-1) : undefined
  const page: { items: readonly Row[]; nextCursor?: string; total?: number } = {
    items: shown.map(table.decode),
  }
  if (last !== undefined) {
    page.nextCursor = encodeCursor(text, {
      value: last[field.name] as Place['value'],
      id: last['id'] as string,
    })
  }
  if (query.count === true) {
    const counted = await db
      .selectFrom(table.name)
      .select((one) => one.fn.countAll().as('total'))
      .where(builder.and(all))
      .executeTakeFirstOrThrow()
    page.total = Number(counted.total)
  }
  return accept(page)
}
