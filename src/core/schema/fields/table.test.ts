import { expect, test } from 'vitest'
import { plainField } from '../build-field.ts'
import type { Field, FieldTypeName } from '../module.ts'
import { fieldTypeOf, fieldTypes } from './table.ts'

type Case = [type: FieldTypeName, attributes: Partial<Field>, value: unknown, result: unknown]

const parse = (type: FieldTypeName, attributes: Partial<Field>, value: unknown) =>
  fieldTypes[type].schema(plainField('field', fieldTypes[type], attributes)).safeParse(value)

const valid: Case[] = [
  ['string', {}, '', ''],
  ['string', { min: 2, max: 3, pattern: /^[a-z]+$/u }, 'abc', 'abc'],
  ['int', {}, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['int', { min: -1 }, -1, -1],
  ['int', {}, -0, 0],
  ['bool', {}, false, false],
  ['enum', { values: ['a', 'b'] }, 'b', 'b'],
  ['ref', { to: 'plan' }, 'free', 'free'],
  ['secret', {}, 'hush', 'hush'],
  ['json', {}, { a: [1, null, { b: 'c' }] }, { a: [1, null, { b: 'c' }] }],
  ['json', {}, [], []],
  ['timestamp', {}, '2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['timestamp', {}, '2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
  ['timestamp', {}, '2024-02-29T00:00:00.123456Z', '2024-02-29T00:00:00.123Z'],
  ['email', {}, '  Jo.Doe+x@Example.COM ', 'jo.doe+x@example.com'],
  ['bytes', {}, 'AAECAw==', 'AAECAw=='],
  ['bytes', {}, 'AAECAw', 'AAECAw=='],
]

const invalid: [type: FieldTypeName, attributes: Partial<Field>, value: unknown, reason: string][] = [
  ['string', {}, 5, 'must be a string'],
  ['string', {}, 'a\u0000b', 'must be well-formed text'],
  ['string', {}, '\ud800', 'must be well-formed text'],
  ['string', { min: 2 }, 'a', 'must have at least 2 characters'],
  ['string', { max: 1 }, 'ab', 'must have at most 1 character'],
  ['string', { pattern: /^[A-Z]{3}$/u }, 'usd', 'must match ^[A-Z]{3}$'],
  ['int', {}, 1.5, 'must be a whole number'],
  ['int', {}, '5', 'must be a whole number'],
  ['int', {}, 2 ** 53, 'must be a whole number'],
  ['int', {}, Number.NaN, 'must be a whole number'],
  ['int', { max: 9 }, 10, 'must be at most 9'],
  ['bool', {}, 1, 'must be true or false'],
  ['enum', { values: ['a', 'b'] }, 'c', 'must be one of a, b'],
  ['ref', { to: 'plan' }, '', 'must be the id of a record of plan'],
  ['secret', {}, {}, 'must be a string'],
  ['json', {}, 'GET', 'must be a JSON object or list'],
  ['json', {}, { a: new Date(0) }, 'must be a JSON object or list'],
  ['timestamp', {}, '2026-02-30', 'must be an ISO 8601 time'],
  ['timestamp', {}, '2026-01-31T25:00:00Z', 'must be an ISO 8601 time'],
  ['timestamp', {}, '2026-01-31T12:00:00', 'must be an ISO 8601 time'],
  ['timestamp', {}, 'now()', 'must be an ISO 8601 time'],
  ['email', {}, 'jo@localhost', 'must be an e-mail address'],
  ['email', {}, 'jo @example.com', 'must be an e-mail address'],
  ['bytes', {}, 'not base64!', 'must be base64'],
  ['bytes', { max: 2 }, 'AAEC', 'must have at most 2 bytes'],
]

for (const [type, attributes, value, result] of valid) {
  test(`${type} takes ${JSON.stringify(value)} as ${JSON.stringify(result)}`, () => {
    const parsed = parse(type, attributes, value)
    expect(parsed.data).toStrictEqual(result)
  })
}

for (const [type, attributes, value, reason] of invalid) {
  test(`${type} refuses ${JSON.stringify(value)}: ${reason}`, () => {
    expect(parse(type, attributes, value).error?.issues[0]?.message).toContain(reason)
  })
}

const texts: [type: FieldTypeName, text: string, value: unknown][] = [
  ['int', '-12', -12],
  ['int', '1e3', '1e3'],
  ['bool', 'TRUE', true],
  ['bool', 'off', false],
  ['bool', 'perhaps', 'perhaps'],
  ['json', '{"a":1}', { a: 1 }],
  ['json', '{', '{'],
  ['string', '12', '12'],
]

for (const [type, text, value] of texts) {
  test(`the text ${text} for ${type} becomes ${JSON.stringify(value)}`, () => {
    expect(fieldTypes[type].fromText(text)).toEqual(value)
  })
}

test('a type is found by its own name only', () => {
  expect(fieldTypeOf('int')?.name).toBe('int')
  expect(fieldTypeOf('constructor')).toBeUndefined()
})
