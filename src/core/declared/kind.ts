import { Fault } from '#contract/outcome.ts'
import type { Engine } from '../engine.ts'
import type { Field, Module } from '../schema/module.ts'

/** What the engine of configuration files is told of one kind of record; the kinds themselves are the caller's. */
export interface KindRule {
  readonly section: string
  readonly module: string
  readonly label: string
  readonly identity: readonly string[]
  readonly shorthand?: string
  readonly secretInput?: string
  readonly broughtInput?: { readonly secret: string; readonly plain: string }
  readonly endedBy?: string
  readonly removal?: 'delete' | 'revoke'
  readonly keptBy?: string
  readonly dumped: 'all' | 'asked' | 'referred'
}

/** A kind with its module, worked out once. */
export interface Kind extends KindRule {
  readonly definition: Module
  /** The fields of an entry by their names in the file. */
  readonly fields: ReadonlyMap<string, Field>
}

/** The name of a field in the file: a ref is named by what it refers to, `upstream_id` is `upstream`. */
const fileName = (field: Field): string =>
  field.to !== undefined && field.name.endsWith('_id') ? field.name.slice(0, -'_id'.length) : field.name

const isDeclarable = (field: Field): boolean =>
  !field.isImplicit && !field.isInternal && !field.isInternalWrite && !field.isWriteOnly

/** Works the kinds out for the modules of an engine. */
export function createKinds(rules: readonly KindRule[], modules: Engine['modules']): readonly Kind[] {
  return rules.map((rule) => {
    const definition = modules.get(rule.module)
    if (definition === undefined) throw new Fault('internal_error', `there is no module ${rule.module}`)
    const fields = [...definition.fields.values()].filter(
      (field) => isDeclarable(field) && !rule.identity.includes(field.name),
    )
    return { ...rule, definition, fields: new Map(fields.map((field) => [fileName(field), field])) }
  })
}

/** The inputs beside the fields that an entry may name, those with a secret and the others. */
export function inputsOf({ secretInput, broughtInput }: KindRule): {
  readonly secret: readonly string[]
  readonly plain: readonly string[]
} {
  const secret = [secretInput, broughtInput?.secret].filter((name) => name !== undefined)
  return { secret, plain: broughtInput === undefined ? [] : [broughtInput.plain] }
}

/** True for fields whose value must not stand in the file. */
export const isSecret = (field: Field): boolean => field.type.name === 'secret'

/** What a field holds where nothing is said. */
export const defaultOf = (field: Field): unknown => field.default ?? null
