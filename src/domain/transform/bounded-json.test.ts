import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBoundedJson } from './bounded-json.ts'

describe('JSON for expressions', () => {
  it('is what JSON.parse says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(parseBoundedJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
      }),
    )
  })

  it.each(['', '{', '{"a":1}x', "{'a':1}", 'undefined', 'NaN'])('%j is none', (text) => {
    expect(parseBoundedJson(text)).toEqual({ ok: false, reason: 'not_json' })
  })

  it.each([
    ['many values', `[${'1,'.repeat(40_000)}1]`],
    ['many empty lists', `[${'[],'.repeat(40_000)}1]`],
    ['many keys', JSON.stringify(Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`k${n}`, n])))],
    ['deep nesting', `${'['.repeat(40_000)}${']'.repeat(40_000)}`],
  ])('with %s is refused before it is parsed', (_name, text) => {
    expect(parseBoundedJson(text)).toEqual({ ok: false, reason: 'too_large' })
  })

  it.each([
    ['commas', ','],
    ['brackets', '['],
    ['escaped quotes', '"'],
    ['backslashes', '\\'],
    ['backslashes before a quote', '\\"'],
  ])('may be long when the length is text, of %s too', (_name, piece) => {
    const text = JSON.stringify({ text: piece.repeat(100_000), after: 1 })
    expect(parseBoundedJson(text)).toMatchObject({ ok: true, value: { after: 1 } })
  })
})
