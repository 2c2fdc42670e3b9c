import { describe, expect, it } from 'vitest'
import { createAjvBodyValidators } from './ajv-body-validators.ts'

const validators = createAjvBodyValidators()

function check(schema: unknown, value: unknown) {
  const compiled = validators.compile(schema)
  if (!compiled.ok) throw new Error(compiled.reason)
  return compiled.validate(value)
}

const person = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1 },
    email: { type: 'string', format: 'email' },
    role: { enum: ['admin', 'member'] },
    'a/b~c': { type: 'integer' },
    tags: { type: 'array', uniqueItems: true, items: { $ref: '#/$defs/tag' } },
    parent: { $ref: '#' },
  },
  $defs: { tag: { type: 'string', pattern: '^[a-z]+$' } },
}

describe('a body', () => {
  it('that fits has no problems', () => {
    const body = {
      name: 'Ann',
      email: 'ann@example.com',
      role: 'admin',
      'a/b~c': 1,
      tags: ['x', 'y'],
      parent: { name: 'Bob' },
    }
    expect(check(person, body)).toEqual([])
  })

  it('is told everything that is wrong with it, each with its place', () => {
    const body = {
      email: 'nobody',
      role: 'owner',
      'a/b~c': 1.5,
      tags: ['A', 'A'],
      parent: { name: '' },
      age: 3,
    }
    const problems = check(person, body)
    expect(problems).toEqual(
      expect.arrayContaining([
        { pointer: '/name', reason: 'is required' },
        { pointer: '/age', reason: 'is not allowed' },
        { pointer: '/email', reason: 'must match format "email"' },
        { pointer: '/role', reason: 'must be one of "admin", "member"' },
        { pointer: '/a~1b~0c', reason: 'must be integer' },
        { pointer: '/tags', reason: 'must not hold the same item twice' },
        { pointer: '/tags/1', reason: 'must match pattern "^[a-z]+$"' },
        { pointer: '/parent/name', reason: 'must NOT have fewer than 1 characters' },
      ]),
    )
    expect(problems).toHaveLength(9)
  })

  it('is told 20 problems at most, and of a large one the first', () => {
    const numbers = { type: 'array', items: { type: 'number' } }
    expect(
      check(
        numbers,
        Array.from({ length: 100 }, () => 'x'),
      ),
    ).toHaveLength(20)
    expect(
      check(
        numbers,
        Array.from({ length: 100_000 }, () => 'x'),
      ),
    ).toEqual([{ pointer: '/0', reason: 'must be number' }])
  })

  it('cannot pass with what every object inherits', () => {
    expect(check({ required: ['toString', 'constructor'] }, {})).toHaveLength(2)
    expect(check({ properties: { constructor: { type: 'string' } } }, {})).toEqual([])
    const sneaky = JSON.parse('{"__proto__": {"name": "x"}}')
    expect(check(person, sneaky)).toContainEqual({ pointer: '/__proto__', reason: 'is not allowed' })
  })

  it('that is absurdly deep is refused before a schema follows it down', () => {
    let body: unknown = { name: 'x' }
    for (let level = 0; level < 100_000; level++) body = { name: 'x', parent: body }
    expect(check(person, body)).toEqual([{ pointer: '', reason: 'is nested deeper than 256 levels' }])
  })

  it('may hold equal items only in another shape', () => {
    const unique = { uniqueItems: true }
    expect(check(unique, [1, '1', true, null, [1], { a: 1 }, { a: 2 }])).toEqual([])
    expect(
      check(unique, [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
    ).toHaveLength(1)
    const many = Array.from({ length: 200_000 }, (_, index) => ({ index }))
    expect(check(unique, many)).toEqual([])
  })

  it('ends on a text that would make a backtracking engine run away', () => {
    expect(check({ pattern: '^(a+)+$' }, `${'a'.repeat(50_000)}!`)).toHaveLength(1)
    expect(
      check(
        { patternProperties: { '^(a|a)*$': { type: 'number' } } },
        { [`${'a'.repeat(50_000)}!`]: 'x', aa: 'y' },
      ),
    ).toEqual([{ pointer: '/aa', reason: 'must be number' }])
  })

  it.each([
    ['date', '2026-02-28', '2026-02-30'],
    ['date-time', '2026-02-28T10:00:00Z', '2026-02-28'],
    ['time', '10:00:00Z', '25:00:00Z'],
    ['duration', 'P1DT2H', '1 day'],
    ['hostname', 'api.example.com', '-'],
    ['ipv4', '10.0.0.1', '10.0.0.256'],
    ['ipv6', '::1', ':::1'],
    ['json-pointer', '/a/~0', 'a'],
    ['regex', '^a$', '('],
    ['uri', 'https://example.com/a?b', 'no uri'],
    ['uri-reference', '/a', '\\'],
    ['uuid', '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d', 'x'],
    ['byte', 'aGk=', 'a'],
  ])('of format %s is told from one that is none', (format, right, wrong) => {
    expect(check({ format }, right)).toEqual([])
    expect(check({ format }, wrong)).toHaveLength(1)
    expect(check({ format }, 7)).toEqual([])
  })

  it.each([
    ['int32', 2_147_483_647, 2_147_483_648],
    ['int64', 7, 7.5],
  ])('of format %s is told from one that is none', (format, right, wrong) => {
    expect(check({ format }, right)).toEqual([])
    expect(check({ format }, wrong)).toHaveLength(1)
  })

  it('is checked by the keywords that came with 2020-12', () => {
    const schema = {
      prefixItems: [{ type: 'string' }],
      items: false,
      dependentRequired: { a: ['b'] },
      unevaluatedProperties: false,
      properties: { a: true },
    }
    expect(check(schema, ['x', 'y'])).toHaveLength(1)
    expect(check(schema, { a: 1 })).toEqual([{ pointer: '', reason: expect.stringContaining('property b') }])
    expect(check(schema, { c: 1 })).toEqual([{ pointer: '/c', reason: 'is not allowed' }])
  })
})

describe('a schema', () => {
  const deep = (levels: number): object => (levels === 0 ? {} : { not: deep(levels - 1) })
  const doubling: Record<string, unknown> = { end: {} }
  for (let level = 0; level < 40; level++) {
    const below = { $ref: `#/$defs/${level === 0 ? 'end' : `s${level - 1}`}` }
    doubling[`s${level}`] = { allOf: [below, below] }
  }
  it.each<[string, unknown, RegExp]>([
    ['a text', 'x', /^#: must be an object/],
    [
      'an unknown keyword',
      { properties: { a: { requried: [] } } },
      /^#\/properties\/a\/requried: .*not a known/,
    ],
    ['a wrong type', { properties: { a: { type: 'sting' } } }, /^#\/properties\/a\/type: /],
    ['an unknown format', { format: 'postcode' }, /^#\/format: .*"postcode"/],
    ['another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }, /^#\/\$schema: .*dialect/],
    ['a remote reference', { $ref: 'https://example.com/schema' }, /^#\/\$ref: .*within the schema/],
    ['a file reference', { $ref: 'other.yaml#/a' }, /^#\/\$ref: .*within the schema/],
    ['a reference to nothing', { $ref: '#/$defs/a' }, /^#\/\$ref: leads to no schema/],
    ['a reference to what all inherit', { $ref: '#/constructor' }, /^#\/\$ref: leads to no schema/],
    ['a reference to itself', { $ref: '#' }, /without end/],
    ['a long way to itself', { $defs: { a: { anyOf: [{ $ref: '#' }] } }, $ref: '#/$defs/a' }, /without end/],
    [
      '$data',
      { properties: { a: { maximum: { $data: '1/b' } } } },
      /^#\/properties\/a\/maximum: .*not taken/,
    ],
    ['an address of its own', { $id: 'https://example.com/a' }, /^#\/\$id: .*not taken/],
    ['a dynamic reference', { $dynamicRef: '#a' }, /not taken/],
    ['a broken pattern', { pattern: '(' }, /pattern/],
    ['a pattern with look-around', { pattern: '(?=a)' }, /unsupported Perl syntax/],
    ['absurd depth', deep(100), /nested deeper than 64/],
    ['absurd size', { enum: ['x'.repeat(300_000)] }, /larger than 256 KiB/],
    ['doubling', { $ref: '#/$defs/s39', $defs: doubling }, /more than 1000 schemas/],
  ])('is refused, with the place and the reason: %s', (_what, schema, reason) => {
    expect(validators.compile(schema)).toEqual({ ok: false, reason: expect.stringMatching(reason) })
  })

  it('may be true or false, may refer to itself one level down, and may carry notes of others', () => {
    expect(check(true, 1)).toEqual([])
    expect(check(false, 1)).toHaveLength(1)
    const list = { properties: { next: { $ref: '#' } }, required: ['id'], 'x-note': { any: 'thing' } }
    expect(check(list, { id: 1, next: { id: 2, next: {} } })).toEqual([
      { pointer: '/next/next/id', reason: 'is required' },
    ])
  })

  it('cannot run code by what it is named', () => {
    const name = `a"+(globalThis.pwned=true)+"`
    check({ properties: { [name]: { type: 'string' } }, required: [name] }, { [name]: 1 })
    expect(globalThis).not.toHaveProperty('pwned')
  })
})
