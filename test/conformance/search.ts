import { describe, expect, it } from 'vitest'
import type { Capabilities } from '#ports/capability/capabilities.ts'

/** A search provider under test, empty. */
export interface SearchSubject {
  readonly capabilities: Capabilities
}

/** What every provider of `search` guarantees. */
export function searchConformance(provider: string, open: () => Promise<SearchSubject>): void {
  const collection = 'listing'
  const documents = [
    {
      document_id: 'l1',
      title: 'Weather forecast',
      text: 'Temperature and rain for every city, hour by hour',
    },
    {
      document_id: 'l2',
      title: 'City maps',
      text: 'Streets, buildings and the weather as a layer',
      data: { price: 5, tags: ['map'] },
    },
    {
      document_id: 'l3',
      title: 'Crème brûlée recipes',
      text: 'Desserts of all kinds: "sweet" & simple (really)',
    },
  ]
  const opened = async () => {
    const { capabilities } = await open()
    const search = capabilities.capability('search')
    for (const one of documents) expect((await search.put({ collection, ...one })).ok).toBe(true)
    const find = async (
      text: string,
      more: { limit?: number; offset?: number; collection?: string } = {},
    ) => {
      const found = await search.query({ collection, text, ...more })
      if (!found.ok) throw new Error(found.message)
      return {
        ids: (found.value.hits as { document_id: string }[]).map((hit) => hit.document_id),
        ...found.value,
      }
    }
    return { search, find }
  }

  describe(`search by ${provider}`, () => {
    it('finds by words and by their beginnings, the title first, and gives the data back', async () => {
      const { find } = await opened()
      expect((await find('weather')).ids).toEqual(['l1', 'l2'])
      expect((await find('build')).hits).toMatchObject([
        { document_id: 'l2', title: 'City maps', data: { price: 5, tags: ['map'] } },
      ])
      expect((await find('weather streets')).ids).toEqual(['l2'])
      expect((await find('weather desserts')).ids).toEqual([])
      expect(await find('nothing of the kind')).toMatchObject({ ids: [], total: 0 })
    })

    it('forgives a slip of the keyboard, accents and case', async () => {
      const { find } = await opened()
      expect((await find('wether')).ids).toEqual(['l1', 'l2'])
      expect((await find('Tempreature')).ids).toEqual(['l1'])
      expect((await find('creme BRULEE')).ids).toEqual(['l3'])
      expect((await find('Crème')).ids).toEqual(['l3'])
    })

    it('takes signs of its own query language for nothing', async () => {
      const { find } = await opened()
      for (const text of [
        '"',
        '*',
        "'",
        '(',
        ':*',
        'weather" OR "x',
        'NOT weather',
        "weather' | 'x",
        'title:weather',
        '-weather',
        '\\',
        '% _',
        ';--',
      ])
        await expect(find(text), text).resolves.toHaveProperty('total')
      expect((await find('"weather"')).ids).toEqual(['l1', 'l2'])
      expect(await find('& | ! ( )')).toMatchObject({ total: 0 })
    })

    it('finds a replaced document by what it says now, and a removed one not at all', async () => {
      const { search, find } = await opened()
      await search.put({ collection, document_id: 'l1', title: 'Tides', text: 'The sea' })
      expect((await find('forecast')).ids).toEqual([])
      expect((await find('tides')).ids).toEqual(['l1'])
      expect(await search.remove({ collection, document_id: 'l1' })).toEqual({
        ok: true,
        value: { removed: true },
      })
      expect(await search.remove({ collection, document_id: 'l1' })).toEqual({
        ok: true,
        value: { removed: false },
      })
      expect((await find('tides')).ids).toEqual([])
    })

    it('keeps collections apart, also where their documents have the same ids', async () => {
      const { search, find } = await opened()
      await search.put({ collection: 'article', document_id: 'l1', title: 'Weather of old times' })
      expect((await find('weather', { collection: 'article' })).ids).toEqual(['l1'])
      expect((await find('weather')).ids).toEqual(['l1', 'l2'])
      await search.remove({ collection: 'article', document_id: 'l1' })
      expect((await find('weather')).ids).toEqual(['l1', 'l2'])
    })

    it('answers in pages and says how many there are', async () => {
      const { search, find } = await opened()
      await Promise.all(
        Array.from({ length: 25 }, (_one, index) =>
          search.put({ collection, document_id: `m${index + 10}`, title: `Market data ${index}` }),
        ),
      )
      const first = await find('market', { limit: 10 })
      const last = await find('market', { limit: 10, offset: 20 })
      expect([first.ids.length, first.total, last.ids.length]).toEqual([10, 25, 5])
      expect(first.ids.filter((id) => last.ids.includes(id))).toEqual([])
    })
  })
}
