import { describe, expect, it } from 'vitest'
import { mostDocumentBytes, readDocument } from './read-document.ts'

async function read(text: string) {
  const document = await readDocument(text)
  if (!document.ok) throw new Error(document.message)
  return document.value
}

describe('a document', () => {
  it('is read as YAML or as JSON, to the same data', async () => {
    const yaml = await read(
      'openapi: 3.0.3\npaths:\n  /a:\n    get:\n      responses:\n        200: {x: [1, true, null]}\n',
    )
    const json = await read(
      '{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"x":[1,true,null]}}}}}}',
    )
    expect(yaml.data).toEqual(json.data)
    expect(yaml.lineOf(['paths', '/a', 'get', 'responses', '200'])).toBe(6)
    expect(json.lineOf(['paths', '/a'])).toBeUndefined()
  })

  it('tells the line of the nearest place that exists', async () => {
    const { lineOf } = await read('# first\na:\n  b:\n    - x\n    - c: 1\n')
    expect(lineOf(['a', 'b', 1, 'c'])).toBe(5)
    expect(lineOf(['a', 'b', 7])).toBe(3)
    expect(lineOf(['z'])).toBe(2)
  })

  it('may use aliases and may not need a name to be harmless', async () => {
    const { data } = await read('base: &base {a: 1}\nother: *base\n__proto__: {b: 2}\n')
    expect(data).toHaveProperty('other', { a: 1 })
    expect({}).not.toHaveProperty('b')
  })

  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghijk']
    .map((name, index) => `${name}: &${name} [${`*${'abcdefghijk'[index]},`.repeat(9)}]`)
    .join('\n')}`
  it.each([
    ['malformed YAML', 'a: [1\nb: 2', 2, /not valid YAML/],
    ['malformed JSON', '{"a": 1,\n"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb": }', undefined, /not valid JSON/],
    ['a name twice', 'a: 1\nb: {c: 1,\n c: 2}', 3, /names "c" twice/],
    ['several documents', 'a: 1\n---\nb: 2', 2, /multiple documents/],
    ['aliases without end', bomb, undefined, /aliases/],
    ['an alias of itself', 'a: &a [*a]', undefined, /nested deeper/],
    ['absurd depth in YAML', `${'- '.repeat(5_000)}a`, undefined, /nested deeper/],
    ['absurd depth in JSON', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, undefined, /nested/],
  ])('is refused with the reason and the line: %s', async (_what, text, line, reason) => {
    const refused = await readDocument(text)
    expect(refused).toMatchObject({
      ok: false,
      code: 'validation_error',
      message: expect.stringMatching(reason),
    })
    if (line !== undefined) expect(refused).toMatchObject({ details: { line } })
  })

  it('that is too long is refused before it is read', async () => {
    const refused = await readDocument(' '.repeat(mostDocumentBytes + 1))
    expect(refused).toMatchObject({ ok: false, code: 'payload_too_large' })
  })

  it('that would keep the reader busy for minutes is given up', async () => {
    const refused = await readDocument('"'.repeat(1_000_000), { timeoutMs: 300 })
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('too much time') })
  })
})
