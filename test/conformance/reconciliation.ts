import { describe, expect, it } from 'vitest'
import type { Capabilities } from '#ports/capability/capabilities.ts'

/** What every provider of `reconciliation` promises of `compare`; `run` is optional. */
export function reconciliationConformance(name: string, open: () => Promise<Capabilities>): void {
  const start = async () => (await open()).capability('reconciliation')

  describe(`the reconciliation provider ${name}`, () => {
    it('tells what is missing on each side and what differs, field by field', async () => {
      const reconciliation = await start()
      const outcome = await reconciliation.compare({
        local: [
          { id: 'a', amount: 5, note: null, hidden: 1 },
          { id: 'b', amount: 7, note: 'x' },
          { id: 'c', amount: 1 },
        ],
        external: [
          { id: 'd', amount: 1 },
          { id: 'b', amount: 8, note: 'x' },
          { id: 'a', amount: '5', hidden: 2 },
        ],
        key: 'id',
        fields: ['amount', 'note'],
      })
      expect(outcome.ok && outcome.value.matched).toBe(1)
      expect(outcome.ok && outcome.value.differences).toEqual(
        expect.arrayContaining([
          { key: 'd', kind: 'missing_local' },
          { key: 'c', kind: 'missing_external' },
          { key: 'b', kind: 'different', fields: [{ field: 'amount', local: 7, external: 8 }] },
        ]),
      )
      expect(outcome.ok && outcome.value.differences).toHaveLength(3)
    })

    it('finds nothing between equal lists, in whatever order, and between empty ones', async () => {
      const reconciliation = await start()
      const rows = [{ id: 1 }, { id: 2 }]
      const equal = { local: rows, external: rows.toReversed(), key: 'id', fields: ['id'] }
      expect(await reconciliation.compare(equal)).toEqual({
        ok: true,
        value: { matched: 2, differences: [] },
      })
      const empty = { local: [], external: [], key: 'id', fields: [] }
      expect(await reconciliation.compare(empty)).toEqual({
        ok: true,
        value: { matched: 0, differences: [] },
      })
    })

    it('refuses lists that it could not compare: no list, no key, a key twice', async () => {
      const reconciliation = await start()
      for (const wrong of ['x', [1], [{ name: 'x' }], [{ id: 1 }, { id: '1' }]]) {
        const refused = { ok: false, code: 'validation_error' }
        const rest = { key: 'id', fields: ['id'] }
        expect(await reconciliation.compare({ local: wrong, external: [], ...rest })).toMatchObject(refused)
        expect(await reconciliation.compare({ local: [], external: wrong, ...rest })).toMatchObject(refused)
      }
    })
  })
}
