import { expect, test } from 'vitest'
import { parseObject } from './strict-json.ts'

const taken: [text: string, value: unknown][] = [
  ['{}', {}],
  [' {"a":1, "b":{"a":2}, "c":[{"a":3},{"a":4}]} ', { a: 1, b: { a: 2 }, c: [{ a: 3 }, { a: 4 }] }],
  ['{"a":"a","b":["a","a"],"c":"{\\"a\\":1,\\"a\\":2}"}', { a: 'a', b: ['a', 'a'], c: '{"a":1,"a":2}' }],
  ['{"quote\\"d":1,"back\\\\":2}', { 'quote"d': 1, 'back\\': 2 }],
]
for (const [text, value] of taken) {
  test(`taken as it is: ${text}`, () => expect(parseObject(text)).toEqual({ ok: true, value }))
}

const refused: [why: string, text: string, field?: string][] = [
  ['no JSON', '{"a":'],
  ['a list', '[]'],
  ['a text', '"a"'],
  ['null', 'null'],
  ['a name twice', '{"a":1,"a":2}', 'a'],
  ['a name twice in different spelling', '{"a":1,"\\u0061":2}', 'a'],
  ['a name twice further down', '{"x":[{"a":1,"b":{},"a":2}]}', 'a'],
  ['__proto__', '{"__proto__":{"isAdmin":true}}', '__proto__'],
  ['__proto__ further down and escaped', '{"x":{"\\u005f_proto__":1}}', '__proto__'],
  ['absurd depth', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'body'],
  ['depth that would end a naive reader', `{"a":${'['.repeat(300_000)}${']'.repeat(300_000)}}`, 'body'],
]
for (const [why, text, field] of refused) {
  test(`refused: ${why}`, () => {
    const outcome = parseObject(text)
    expect(outcome).toMatchObject({ ok: false, code: 'invalid_request' })
    if (field !== undefined) expect(outcome).toMatchObject({ details: { field } })
  })
}
