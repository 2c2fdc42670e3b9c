import type { Rows } from '#contract/rows.gen.ts'
import type { Page, Records } from '#ports/records.ts'
import type { Read } from './messages.ts'

const rowsAtOnce = 500

/** Records that another thread reads for this one. */
export function createRemoteRecords(ask: (read: Read) => Promise<unknown>): Records {
  const read = (method: Read['method'], ...args: unknown[]): Promise<never> =>
    ask({ method, args }) as Promise<never>
  return {
    get: (module, id) => read('get', module, id),
    getBy: (module, field, value) => read('getBy', module, field, value),
    list: (module, query) => read('list', module, query),
    async *each<M extends keyof Rows>(module: M, where = []) {
      let cursor: string | undefined
      do {
        const query = { where, limit: rowsAtOnce, ...(cursor === undefined ? {} : { cursor }) }
        const page: Page<Rows[M]> = await read('list', module, query)
        yield* page.items
        cursor = page.nextCursor
      } while (cursor !== undefined)
    },
  }
}
