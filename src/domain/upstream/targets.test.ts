import { describe, expect, it } from 'vitest'
import { judgeTargets } from './targets.ts'

const fieldsAtFault = (value: unknown): readonly string[] => {
  const judged = judgeTargets(value)
  return judged.ok ? [] : judged.problems.map(({ field }) => field)
}

describe('a list of targets', () => {
  it.each([[null], [undefined], [[]]])('may be %j: no targets', (value) => {
    expect(judgeTargets(value)).toEqual({ ok: true, targets: [] })
  })

  it('is those that are enabled, with weight 1 unless given, under the index they were written at', () => {
    const value = [
      { url: 'http://a', weight: 3 },
      { url: 'http://b', enabled: false },
      { url: 'https://c/v1', enabled: true },
    ]
    expect(judgeTargets(value)).toEqual({
      ok: true,
      targets: [
        { index: 0, url: 'http://a', weight: 3 },
        { index: 2, url: 'https://c/v1', weight: 1 },
      ],
    })
  })

  it.each([
    ['no list', { url: 'http://a' }, ['targets']],
    ['nothing enabled', [{ url: 'http://a', enabled: false }], ['targets']],
    ['more than 64', Array.from({ length: 65 }, (_, index) => ({ url: `http://h${index}` })), ['targets']],
    ['no object', [{ url: 'http://a' }, 'http://b'], ['targets[1]']],
    ['no url', [{}], ['targets[0].url']],
    ['no http', [{ url: 'ftp://a' }], ['targets[0].url']],
    ['credentials', [{ url: 'http://u:p@a' }], ['targets[0].url']],
    ['a query', [{ url: 'http://a/?q' }], ['targets[0].url']],
    ['weights out of range', [{ url: 'http://a', weight: 0 }], ['targets[0].weight']],
    ['broken weights', [{ url: 'http://a', weight: 1.5 }], ['targets[0].weight']],
    ['too much weight', [{ url: 'http://a', weight: 1001 }], ['targets[0].weight']],
    ['words for a switch', [{ url: 'http://a', enabled: 'no' }], ['targets[0].enabled']],
    ['a misspelt name', [{ url: 'http://a', wieght: 2 }], ['targets[0].wieght']],
    ['one address twice', [{ url: 'http://a' }, { url: 'http://a:80/' }], ['targets[1].url']],
    ['several', [{ url: 'x' }, { url: 'http://a', weight: -1 }], ['targets[0].url', 'targets[1].weight']],
  ])('with %s is refused at the element at fault', (_, value, fields) => {
    expect(fieldsAtFault(value)).toEqual(fields)
  })
})
