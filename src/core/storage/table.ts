import type { z } from 'zod'
import type { Cipher } from '#ports/cipher.ts'
import type { Row } from '#ports/records.ts'
import type { Field, Module } from '../schema/module.ts'
import { scopeColumn, scopeField } from '../schema/names.ts'
import type { ColumnCodec, SqlDialect } from './dialect.ts'

/** The fields of a module that have a column. */
export const storedFields = (module: Module): readonly Field[] =>
  [...module.fields.values()].filter((field) => !field.isWriteOnly)

type Values = Readonly<Record<string, unknown>>

/** A module's table: its columns, and how records go in and come out. Made once a module. */
export interface Table {
  readonly module: Module
  readonly name: string
  readonly columns: readonly string[]
  /** All but the encrypted ones, for reads that end outside. */
  readonly openColumns: readonly string[]
  readonly fields: ReadonlyMap<string, Field>
  /** What a value must be to be compared with a field: its type without its bounds. */
  comparable(field: Field): z.ZodType | undefined
  encode(values: Values, id: string): Record<string, unknown>
  encodeValue(field: Field, value: unknown): unknown
  /** Columns that were not read stay out of the row. */
  decode(stored: Values): Row
}

const incomparable: ReadonlySet<string> = new Set(['secret', 'json', 'bytes'])

/**
 * The sets of columns that no two records share. In a module of organizations they hold within one, so that nobody learns by a conflict
 * what another organization has; fields that only the server writes stay unique in the whole instance.
 */
export function uniqueSets(module: Module): readonly (readonly string[])[] {
  const within = (names: readonly string[]): readonly string[] =>
    scopeColumn(module) !== scopeField || names.includes(scopeField) ? names : [scopeField, ...names]
  const single = storedFields(module)
    .filter((field) => field.isUnique)
    .map(({ name, isInternal, isInternalWrite, computed }) =>
      // What is computed follows from what somebody outside has written.
      (isInternal || isInternalWrite) && computed === undefined ? [name] : within([name]),
    )
  return [...single, ...module.unique.map(within)]
}

/** The fields that refer to a module, by which a record of it may still be in use. */
export interface Referrer {
  readonly module: Module
  readonly field: Field
}

/** Who refers to each module by a ref that forbids to delete what it points to. */
export function restrictingReferrers(
  modules: ReadonlyMap<string, Module>,
): ReadonlyMap<string, readonly Referrer[]> {
  const all = [...modules.values()].flatMap((module) =>
    storedFields(module)
      .filter((field) => field.to !== undefined && field.onDelete === 'restrict')
      .map((field) => ({ module, field })),
  )
  return new Map([...modules.keys()].map((name) => [name, all.filter(({ field }) => field.to === name)]))
}

/** What a secret is bound to: sealed for one place, it cannot be opened in another. */
export const secretContext = ({ name }: Pick<Module, 'name'>, field: string, id: string): string =>
  `${name}.${field}.${id}`

/** Prepares the table of a module. */
export function createTable(module: Module, dialect: SqlDialect, cipher: Cipher): Table {
  const stored = storedFields(module)
  const fields = new Map(stored.map((field) => [field.name, field]))
  const secrets = stored.filter((field) => field.type.name === 'secret')
  const codecs = new Map<string, ColumnCodec>(
    stored.map((field) => [field.name, dialect.columns[field.type.column]]),
  )
  const decoded = stored.flatMap(({ name, type }) => {
    const { decode } = dialect.columns[type.column]
    return decode === undefined ? [] : [{ name, decode }]
  })
  const encodeValue = (field: Field, value: unknown): unknown => {
    if (value === null || value === undefined) return null
    const encode = codecs.get(field.name)?.encode
    return encode === undefined ? value : encode(value)
  }
  const context = (field: string, id: string): string => secretContext(module, field, id)
  const comparable = new Map<string, z.ZodType>()

  return {
    module,
    name: module.plural,
    columns: stored.map(({ name }) => name),
    openColumns: stored.filter((field) => !secrets.includes(field)).map(({ name }) => name),
    fields,
    comparable(field) {
      if (incomparable.has(field.type.name) || !fields.has(field.name)) return undefined
      const known = comparable.get(field.name)
      if (known !== undefined) return known
      const made = field.type.schema({ ...field, min: undefined, max: undefined, pattern: undefined })
      comparable.set(field.name, made)
      return made
    },
    encodeValue,
    encode(values, id) {
      const row: Record<string, unknown> = {}
      for (const name in values) {
        const field = fields.get(name)
        if (field !== undefined) row[name] = encodeValue(field, values[name])
      }
      for (const { name } of secrets) {
        const text = row[name]
        if (typeof text === 'string') row[name] = cipher.seal(text, context(name, id))
      }
      return row
    },
    decode(raw) {
      const row: Record<string, unknown> & { id: string } = { ...raw, id: raw['id'] as string }
      for (const { name, decode } of decoded) {
        const value = row[name]
        if (value !== null && value !== undefined) row[name] = decode(value)
      }
      for (const { name } of secrets) {
        const sealed = row[name]
        if (typeof sealed === 'string') row[name] = cipher.open(sealed, context(name, row.id))
      }
      return row
    },
  }
}
