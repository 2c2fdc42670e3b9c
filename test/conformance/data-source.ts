import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Outcome } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import { type AtTheEnd, afterAllOfThem } from '#test/support/at-the-end.ts'

/** A row of the table `things`. */
export interface Thing {
  readonly id: string
  readonly name: string
  readonly changed: number | null
}

type Row = Readonly<Record<string, unknown>>

const value = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value
}

/** What every provider of `data_source` promises; `open` answers one whose table `things` has those rows, until it is ended. */
export function dataSourceConformance(
  name: string,
  open: (things: readonly Thing[], atTheEnd: AtTheEnd) => Promise<Capabilities>,
): void {
  const things = Array.from(
    { length: 23 },
    (_, n): Thing => ({
      id: `t${String(n).padStart(2, '0')}`,
      name: `Thing ${n}, "é"\n`,
      changed: n === 7 ? null : (n * 5) % 12,
    }),
  )
  const inOrder = things
    .filter(({ changed }) => changed !== null)
    .toSorted((a, b) => Number(a.changed) - Number(b.changed) || (a.id < b.id ? -1 : 1))
  const reading = (opened: Capabilities) => {
    const source = opened.capability('data_source')
    const query = { table: 'things', order_by: 'changed', key: 'id' }
    const read = async (more: object = {}) => {
      const { rows: found, has_more } = value(await source.read({ ...query, ...more }))
      return { rows: found as readonly Row[], has_more }
    }
    return { source, query, read }
  }

  describe(`the data_source provider ${name}`, () => {
    // Nothing here writes, so that one instance does for all.
    let full: Capabilities
    const atTheEnd = afterAllOfThem()
    beforeAll(async () => {
      full = await open(things, atTheEnd)
    })

    it('reads rows in the order of a column, ties by key, without those that have no value there', async () => {
      const { read } = reading(full)
      const { rows, has_more } = await read()
      expect(rows.map(({ id }) => id)).toEqual(inOrder.map(({ id }) => id))
      expect(has_more).toBe(false)
      expect(rows[0]).toMatchObject({ id: 't00', name: 'Thing 0, "é"\n' })
      expect(rows.map(({ changed }) => Number(changed))).toEqual(inOrder.map(({ changed }) => changed))
    })

    it('reads page by page without a gap or a double, also where many rows have the same value', async () => {
      const { read } = reading(full)
      for (const limit of [1, 3, 21, 22, 23]) {
        const ids: unknown[] = []
        let after: unknown[] | undefined
        for (;;) {
          const page = await read({ limit, ...(after === undefined ? {} : { after }) })
          ids.push(...page.rows.map(({ id }) => id))
          const last = page.rows.at(-1)
          if (!page.has_more || last === undefined) break
          after = [last['changed'], last['id']]
        }
        expect(ids, String(limit)).toEqual(inOrder.map(({ id }) => id))
      }
    })

    it('reads the columns that were asked for', async () => {
      const { read } = reading(full)
      const { rows } = await read({ columns: ['id', 'name'], limit: 1 })
      expect(rows).toEqual([{ id: 't00', name: 'Thing 0, "é"\n' }])
    })

    it('tells the columns of a table and how many rows it has', async () => {
      const { source } = reading(full)
      const { tables } = value(await source.describe({ table: 'things' }))
      const [table] = tables as { name: string; columns: string[] }[]
      expect(table?.name).toBe('things')
      expect(table?.columns.toSorted()).toEqual(['changed', 'id', 'name'])
      expect(value(await source.count({ table: 'things' })).count).toBe(23)
    })

    it('has nothing to read in an empty table, and after the last row', async () => {
      const { read } = reading(await open([], onTestFinished))
      expect(await read()).toEqual({ rows: [], has_more: false })
      expect(await reading(full).read({ after: [99, 'z'] })).toEqual({ rows: [], has_more: false })
    })

    it('refuses names that are no table, whatever they would do elsewhere', async () => {
      const { source, query, read } = reading(full)
      for (const table of [
        'things; drop table things',
        '../things',
        'things"',
        "things' or '1'='1",
        '/etc/passwd',
        'a\0b',
      ]) {
        expect((await source.read({ ...query, table })).ok, table).toBe(false)
        expect((await source.describe({ table })).ok, table).toBe(false)
      }
      expect((await read()).rows).toHaveLength(22)
    })

    it('refuses a place that is none', async () => {
      const { source, query } = reading(full)
      for (const after of ['x', [1], {}, [1, 2, 3]])
        expect(await source.read({ ...query, after })).toMatchObject({ ok: false, code: 'validation_error' })
    })
  })
}
