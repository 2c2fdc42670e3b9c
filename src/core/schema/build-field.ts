import { compileLinearRegex } from '#domain/linear-regex.ts'
import type { FieldDocument } from './document.ts'
import { fieldTypeOf, fieldTypes } from './fields/table.ts'
import { fieldLabel } from './label.ts'
import type { Field } from './module.ts'
import { namePattern, nameRule, reservedFields } from './names.ts'
import type { Path, Source } from './source.ts'
import { hint } from './suggest.ts'

const textTypes = ['string', 'email', 'secret']
const boundedTypes = ['int', ...textTypes, 'bytes']

/** A field that stands for a plain value of one type: the start of implicit fields, and of a bare check of a type. */
export function plainField(name: string, type: Field['type'], change: Partial<Field> = {}): Field {
  return {
    name,
    label: fieldLabel(name, type.name),
    type,
    isRequired: false,
    isUnique: false,
    isLookup: false,
    isImmutable: false,
    isInternal: false,
    isInternalWrite: false,
    isWriteOnly: false,
    isSticky: false,
    isIndexed: false,
    isImplicit: false,
    default: undefined,
    description: '',
    values: [],
    to: undefined,
    onDelete: 'restrict',
    min: undefined,
    max: undefined,
    pattern: undefined,
    money: undefined,
    computed: undefined,
    ...change,
  }
}

/** The three fields that every record has; `id` goes first, the times last. */
export const implicitFields = {
  id: plainField('id', fieldTypes.string, { isRequired: true, isImmutable: true, isImplicit: true }),
  createdAt: plainField('created_at', fieldTypes.timestamp, {
    isRequired: true,
    isImmutable: true,
    isImplicit: true,
  }),
  updatedAt: plainField('updated_at', fieldTypes.timestamp, {
    isRequired: true,
    isImmutable: true,
    isImplicit: true,
  }),
}

/** Why a value does not fit a field, or undefined when it does; `now()` stands for a time, null for nothing. */
export function reasonAgainst(field: Field, value: unknown): string | undefined {
  if (value === null) return field.isRequired ? 'must not be empty: the field is required' : undefined
  if (value === 'now()' && field.type.name === 'timestamp') return undefined
  return field.type.schema(field).safeParse(value).error?.issues[0]?.message
}

function compile(pattern: string | undefined): { regex: Field['pattern']; error?: string } {
  if (pattern === undefined) return { regex: undefined }
  const compiled = compileLinearRegex(pattern)
  return compiled.ok ? { regex: compiled.value } : { regex: undefined, error: compiled.reason }
}

function computedOf(source: Source, path: Path, computed: FieldDocument['computed']): Field['computed'] {
  if (computed === undefined) return undefined
  const place = source.placeOf([...path, 'computed'])
  return typeof computed === 'string'
    ? { kind: 'expression', source: computed, place }
    : { kind: 'call', name: computed.call, place }
}

/** The rules about which attributes go together, as the sentences of those that are broken. */
function* contradictions(field: Field, document: FieldDocument): Generator<string> {
  const type = field.type.name
  if (type === 'enum' && field.values.length === 0)
    yield 'an enum needs values; add "values: [first, second]"'
  if (type !== 'enum' && document.values !== undefined)
    yield `"values" belongs to an enum, not to "${type}"; remove it`
  if (new Set(field.values).size !== field.values.length)
    yield 'the same value stands twice in "values"; remove one'
  if (type === 'ref' && field.to === undefined) yield 'a ref needs a target; add "to: <module>"'
  if (type !== 'ref' && (document.to ?? document.on_delete) !== undefined) {
    yield `"to" and "on_delete" belong to a ref, not to "${type}"; remove them`
  }
  if (field.isRequired && field.onDelete === 'set_null') {
    yield '"on_delete: set_null" cannot empty a required field; use restrict or cascade'
  }
  if ((field.min ?? field.max) !== undefined && !boundedTypes.includes(type)) {
    yield `"min" and "max" belong to ${boundedTypes.join(', ')}, not to "${type}"; remove them`
  }
  if (document.length !== undefined && type === 'int')
    yield '"length" belongs to text and bytes; use "min" and "max"'
  if (document.length !== undefined && (document.min ?? document.max) !== undefined)
    yield '"length" is both "min" and "max"; remove those'
  if (field.min !== undefined && field.max !== undefined && field.min > field.max) {
    yield `"min" (${field.min}) is above "max" (${field.max}); swap them`
  }
  if (document.pattern !== undefined && !textTypes.includes(type)) {
    yield `"pattern" belongs to ${textTypes.join(', ')}, not to "${type}"; remove it`
  }
  if (field.money !== undefined && type !== 'int') yield `"money" belongs to int, not to "${type}"; remove it`
  if ((field.isUnique || field.isLookup || field.isIndexed) && ['secret', 'json', 'bytes'].includes(type)) {
    yield `"unique", "lookup" and "index" do not work on "${type}"; remove them`
  }
  if (type === 'secret' && field.default !== undefined && field.default !== null) {
    yield 'a secret has no default, which everybody could read here; remove it'
  }
  const isKept =
    field.isUnique || field.isLookup || field.isIndexed || field.isInternal || field.isInternalWrite
  if (field.isWriteOnly && isKept) {
    yield '"write_only" is never stored, so it cannot be unique, lookup, index, internal or internal_write; remove those'
  }
  if (field.computed === undefined) return
  if (document.default !== undefined) yield 'a computed field takes no default; put it into the expression'
  if (field.isWriteOnly || field.isImmutable || document.internal_write === true || field.isSticky)
    yield '"computed" is never written, so write_only, immutable, internal_write and sticky mean nothing; remove those'
  if (['secret', 'bytes', 'ref'].includes(type)) yield `a "${type}" cannot be computed; use another type`
}

/** Builds one field, or reports every reason why it is none. */
export function buildField(
  source: Source,
  path: Path,
  name: string,
  document: FieldDocument,
): Field | undefined {
  const problemsBefore = source.problems.length
  if (!namePattern.test(name)) source.report(path, `the name ${nameRule}`)
  if (reservedFields.has(name))
    source.report(path, `"${name}" is a name that the engine keeps; choose another`)
  const type = fieldTypeOf(document.type)
  if (type === undefined) {
    source.report(
      [...path, 'type'],
      `unknown type "${document.type}"${hint(document.type, Object.keys(fieldTypes))}`,
      path,
    )
    return undefined
  }
  const { regex, error } = compile(document.pattern)
  if (error !== undefined) source.report([...path, 'pattern'], `"pattern" ${error}`, path)
  const field = plainField(name, type, {
    ...(document.label === undefined ? {} : { label: document.label }),
    isRequired: document.required ?? false,
    isUnique: document.unique ?? false,
    isLookup: document.lookup ?? false,
    isImmutable: document.immutable ?? false,
    isInternal: document.internal ?? false,
    isInternalWrite: (document.internal_write ?? false) || document.computed !== undefined,
    isWriteOnly: document.write_only ?? false,
    isSticky: document.sticky ?? false,
    isIndexed: document.index ?? false,
    default: document.default,
    description: document.description ?? '',
    values: document.values ?? [],
    to: document.to,
    onDelete: document.on_delete ?? 'restrict',
    min: document.length ?? document.min,
    max: document.length ?? document.max,
    pattern: regex,
    money: document.money,
    computed: computedOf(source, path, document.computed),
  })
  for (const sentence of contradictions(field, document)) source.report(path, sentence)
  if (source.problems.length > problemsBefore) return undefined
  const reason = field.default === undefined ? undefined : reasonAgainst(field, field.default)
  if (reason !== undefined) source.report([...path, 'default'], `the default ${reason}`, path)
  return reason === undefined ? field : undefined
}
