import { Fault } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { Page, Records } from '#ports/records.ts'
import type { RecordStore } from '../storage/record-store.ts'

const rowsAtOnce = 500

/** Typed reads over a store; what the types promise is what the modules say, so a query that they forbid is a Fault. */
export function createRecords(store: RecordStore): Records {
  const list: Records['list'] = async <M extends keyof Rows>(module: M, query = {}) => {
    const page = await store.list(module, query, 'all')
    if (!page.ok) {
      // Where a list goes on is the one thing that is handed through from outside.
      const code = page.details?.['field'] === 'cursor' ? 'invalid_request' : 'internal_error'
      throw new Fault(code, `a list of ${module} was refused: ${page.message}`)
    }
    return page.value as unknown as Page<Rows[M]>
  }
  return {
    get: async <M extends keyof Rows>(module: M, id: string) =>
      (await store.get(module, id)) as Rows[M] | undefined,
    getBy: async <M extends keyof Rows>(module: M, field: string, value: unknown) =>
      (await store.getBy(module, field, value)) as Rows[M] | undefined,
    list,
    async *each<M extends keyof Rows>(module: M, where = []) {
      let cursor: string | undefined
      do {
        const page: Page<Rows[M]> = await list(module, {
          where,
          limit: rowsAtOnce,
          ...(cursor === undefined ? {} : { cursor }),
        })
        yield* page.items
        cursor = page.nextCursor
      } while (cursor !== undefined)
    },
  }
}
