import { type Kysely, sql } from 'kysely'
import { accept, refuseFields } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import { openSourceDatabase, type SourceTables } from './open-source-database.ts'
import { type DataRow, parsePlace } from './row-order.ts'
import { createSourceCatalogue, inSchemaOf } from './source-catalogue.ts'
import { writeRows } from './write-rows.ts'

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= 1000 && value.every((one) => typeof one === 'string')

const isRows = (value: unknown): value is DataRow[] =>
  Array.isArray(value) &&
  value.length <= 5000 &&
  value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))

/** Bytes become base64; everything else is JSON already. */
const plain = (row: DataRow): DataRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ]),
  )

/** Rows of a SQL database. Every name is one of its catalogue, every value a parameter. */
export function createDatabaseSource(): OpenProviderCode<ProviderActions<'data_source'>> {
  return ({ config, clock, allowsPrivate }) => {
    const mayWrite = config['allow_write'] === true
    let opening: Promise<Kysely<SourceTables>> | undefined
    // Only the first call waits for the database, and one that is down may be up at the next.
    const opened = (): Promise<Kysely<SourceTables>> => {
      opening ??= openSourceDatabase({ dsn: String(config['dsn']), mayWrite, allowsPrivate }).catch(
        (error: unknown) => {
          opening = undefined
          throw error
        },
      )
      return opening
    }
    let catalogue: ReturnType<typeof createSourceCatalogue> | undefined
    const look = async () => {
      const db = await opened()
      catalogue ??= createSourceCatalogue(db, clock)
      return { db, catalogue }
    }

    const reading: ProviderActions<'data_source'> = {
      async describe({ table }) {
        const { catalogue: found } = await look()
        if (table === undefined)
          return accept({ tables: (await found.tables()).map(({ name, columns }) => ({ name, columns })) })
        const one = await found.find(table, {})
        return one.ok ? accept({ tables: [{ name: table, columns: one.value.columns }] }) : one
      },
      async read({ table, columns, order_by: orderBy, key, after, limit = 500 }) {
        if (columns !== undefined && !isTexts(columns))
          return refuseFields([{ field: 'columns', reason: 'must be a list of names' }])
        const place = parsePlace(after)
        if (after !== undefined && place === undefined)
          return refuseFields([
            { field: 'after', reason: "must be a list of the last row's order_by and key" },
          ])
        const { db, catalogue: names } = await look()
        const found = await names.find(table, { columns: columns ?? [], order_by: [orderBy], key: [key] })
        if (!found.ok) return found
        const [order, id] = [sql.ref(orderBy), sql.ref(key)]
        const one = inSchemaOf(db, found.value)
          .selectFrom(found.value.name)
          .where(sql<boolean>`${order} is not null and ${id} is not null`)
          .orderBy(order)
          .orderBy(id)
          .limit(limit + 1)
        const from =
          place === undefined
            ? one
            : one.where(
                sql<boolean>`(${order} > ${place[0]} or (${order} = ${place[0]} and ${id} > ${place[1]}))`,
              )
        const rows = await (columns === undefined ? from.selectAll() : from.select(columns)).execute()
        return accept({ rows: rows.slice(0, limit).map(plain), has_more: rows.length > limit })
      },
      async count({ table }) {
        const { db, catalogue: names } = await look()
        const found = await names.find(table, {})
        if (!found.ok) return found
        const counted = await inSchemaOf(db, found.value)
          .selectFrom(found.value.name)
          .select((eb) => eb.fn.countAll().as('count'))
          .executeTakeFirstOrThrow()
        return accept({ count: Number(counted['count']) })
      },
    }
    const writing: ProviderActions<'data_source'> = {
      async write({ table, key, rows, dry_run: isDry = false }) {
        if (!isRows(rows))
          return refuseFields([{ field: 'rows', reason: 'must be a list of at most 5000 objects' }])
        const { db, catalogue: names } = await look()
        const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
        const found = await names.find(table, { key: [key], rows: columns })
        return found.ok ? writeRows(db, { table: found.value, key, rows, isDry }) : found
      },
    }
    return {
      actions: mayWrite ? { ...reading, ...writing } : reading,
      async test() {
        const { db } = await look()
        await sql`select 1`.execute(db)
        return accept(undefined)
      },
      async close() {
        await (await opening?.catch(() => undefined))?.destroy()
      },
    }
  }
}
