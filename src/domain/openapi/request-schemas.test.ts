import { describe, expect, it } from 'vitest'
import { createAjvBodyValidators } from '#adapters/validation/ajv-body-validators.ts'
import { pointerOf } from '../json-pointer.ts'
import { readOpenApi } from './read-document.ts'
import { requestSchemas } from './request-schemas.ts'
import type { Findings } from './source.ts'

const validators = createAjvBodyValidators()

function schemasOf(body: unknown, schemas: Record<string, unknown> = {}, openapi = '3.0.3') {
  const findings: Findings = { problems: [], notes: [] }
  const paths = { '/a': { post: { requestBody: body } } }
  const data = { openapi, info: { title: 'T' }, paths, components: { schemas } }
  const document = readOpenApi(data, findings)
  if (document === undefined) throw new Error(JSON.stringify(findings))
  const made = requestSchemas(document, document.paths[0]?.operations ?? [], findings)
  const told = (list: Findings['problems']) =>
    list.map(({ steps, reason }) => `${pointerOf(steps)} ${reason}`)
  return { made, problems: told(findings.problems), notes: told(findings.notes) }
}

const json = (schema: unknown) => ({ content: { 'application/json': { schema } } })

/** What is wrong with a value by the schema of a document. */
function check(schema: unknown, value: unknown, schemas?: Record<string, unknown>, openapi?: string) {
  const { made, problems } = schemasOf(json(schema), schemas, openapi)
  const rule = made?.['POST'] as { schema: unknown } | undefined
  const compiled = validators.compile(rule?.schema)
  if (!compiled.ok) throw new Error(`${compiled.reason} ${problems}`)
  return compiled.validate(value).map(({ pointer }) => pointer)
}

describe('the schema of a request body', () => {
  it('stands for itself, with everything it refers to', () => {
    const city = {
      type: 'object',
      required: ['name'],
      properties: { name: { $ref: '#/components/schemas/Name' } },
    }
    const Tree = { type: 'object', properties: { next: { $ref: '#/components/schemas/Tree' }, city } }
    const all = { Name: { type: 'string', maxLength: 3 }, Tree }
    const reference = { $ref: '#/components/schemas/Tree' }
    expect(check(reference, { next: { next: { city: { name: 'ab' } } } }, all)).toEqual([])
    expect(check(reference, { next: { next: { city: { name: 'abcd' } } } }, all)).toEqual([
      '/next/next/city/name',
    ])
    expect(check({ $ref: '#/components/schemas/Tree/properties/city' }, {}, all)).toEqual(['/name'])
  })

  it('of 3.0 is translated: null, exclusive bounds, and nothing beside a reference', () => {
    expect(check({ type: 'string', nullable: true, enum: ['a'] }, null)).toEqual([])
    expect(check({ type: 'string', enum: ['a'] }, null)).toHaveLength(2)
    expect(check({ type: 'number', minimum: 1, exclusiveMinimum: true }, 1)).toHaveLength(1)
    expect(check({ type: 'number', minimum: 1, exclusiveMinimum: false }, 1)).toEqual([])
    const all = { A: { type: 'string' } }
    expect(check({ $ref: '#/components/schemas/A', minLength: 5 }, 'a', all)).toEqual([])
    expect(check({ $ref: '#/components/schemas/A', minLength: 5 }, 'a', all, '3.1.0')).toHaveLength(1)
  })

  it('does not ask a request for what only answers carry', () => {
    const schema = {
      type: 'object',
      required: ['id', 'at', 'name'],
      properties: {
        id: { type: 'string', readOnly: true },
        at: { $ref: '#/components/schemas/At' },
        name: { type: 'string' },
      },
    }
    expect(check(schema, {}, { At: { type: 'string', readOnly: true } })).toEqual(['/name'])
  })

  it('leaves out what is for people, and formats that nobody checks', () => {
    const schema = {
      type: 'string',
      format: 'postcode',
      example: 'x',
      externalDocs: {},
      'x-note': 1,
      discriminator: { propertyName: 'a' },
    }
    expect(check(schema, 'anything')).toEqual([])
  })

  it('is kept by method, with whether a body has to be there', () => {
    expect(schemasOf({ ...json({ type: 'object' }), required: true }).made).toEqual({
      POST: { required: true, schema: { type: 'object' } },
    })
    expect(
      schemasOf({ content: { 'application/problem+json; charset=utf-8': { schema: true } } }).made,
    ).toEqual({
      POST: { required: false, schema: true },
    })
  })

  it('is told when there is none for JSON', () => {
    const { made, notes } = schemasOf({ content: { 'text/plain': { schema: {} } } })
    expect(made).toBeNull()
    expect(notes).toEqual([expect.stringContaining('/paths/~1a/post/requestBody has no schema for JSON')])
  })

  it.each<[string, unknown, string]>([
    ['another file', { $ref: 'a.json' }, '/schema/$ref refers to another document'],
    ['nothing', { properties: { a: { $ref: '#/x' } } }, '/schema/properties/a/$ref leads to nothing'],
    ['a text for a schema', { items: 'string' }, '/schema/items must be a schema'],
    ['a map for a list', { allOf: {} }, '/schema/allOf must be a list'],
  ])('that names %s is a problem with its place', (_what, schema, problem) => {
    expect(schemasOf(json(schema)).problems).toEqual([expect.stringContaining(problem)])
  })
})
