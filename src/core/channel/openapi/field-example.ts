import { createHash } from 'node:crypto'
import type { Field } from '../../schema/module.ts'

const moment = '2026-01-31T12:00:00.000Z'

/** An id as records have them, the same at every start. */
export function exampleId(prefix: string): string {
  const digits = BigInt(`0x${createHash('sha256').update(prefix).digest('hex').slice(0, 30)}`)
  return `${prefix}_${digits.toString(36).slice(0, 20)}`
}

const byName: Readonly<Record<string, unknown>> = {
  base_url: 'https://api.example.com',
  methods: ['GET', 'POST'],
  path_pattern: '/weather/*',
  scopes: ['read'],
  slug: 'weather',
}

const byType: Readonly<Record<Field['type']['name'], readonly unknown[]>> = {
  bool: [true],
  bytes: ['aGVsbG8='],
  email: ['ada@example.com'],
  enum: [],
  int: [1, 100, 0, -1],
  json: [{}, []],
  ref: [],
  secret: ['a-long-secret-value'],
  string: [
    'example',
    'Example',
    'EXAMPLE',
    'USD',
    'DE',
    'GET',
    '1',
    '2026-01',
    '/example',
    'https://example.com',
    'example.com',
    '',
  ],
  timestamp: [moment],
}

/** A value that the field takes, undefined when none is at hand. `idPrefixOf` names what ids of a module begin with. */
export function fieldExample(field: Field, idPrefixOf: (module: string) => string | undefined): unknown {
  const own = Object.hasOwn(byName, field.name) ? [byName[field.name]] : []
  const isEmptyText = field.default === '' || field.default === 'now()'
  const usual = field.default === undefined || field.default === null || isEmptyText ? [] : [field.default]
  const prefix = field.to === undefined ? undefined : idPrefixOf(field.to)
  const candidates = [
    ...(field.isImplicit && field.name !== 'id' ? [moment] : []),
    ...own,
    ...usual,
    ...(prefix === undefined ? [] : [exampleId(prefix)]),
    ...field.values,
    ...byType[field.type.name],
    'x'.repeat(Math.min(Math.max(field.min ?? 1, 1), 1_000)),
    field.min,
    field.max,
  ]
  const schema = field.type.schema(field)
  return candidates.find((value) => value !== undefined && schema.safeParse(value).success)
}
