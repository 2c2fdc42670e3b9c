import type { Action, Field, Module } from '../../schema/module.ts'
import { exampleId, fieldExample } from './field-example.ts'
import { inputSchema, isGivable, isReadable, readSchema } from './field-schema.ts'
import type { JsonObject } from './json-schema.ts'

/** The name of a module's schemas: `api_key` becomes `ApiKey`. */
export const schemaName = (name: string): string =>
  name.replaceAll(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())

/** The fields that an action takes: those of its module where it makes or changes a record, and its own. */
function inputFields(module: Module, action: Action): readonly Field[] {
  const fields = new Map<string, Field>()
  if (action.kind === 'create' || action.kind === 'update') {
    for (const field of module.fields.values()) if (isGivable(field)) fields.set(field.name, field)
  }
  for (const field of action.input) if (isGivable(field)) fields.set(field.name, field)
  return [...fields.values()]
}

/** A record as answers show it, with an example. */
export function recordSchema(module: Module, idPrefixOf: (module: string) => string | undefined): JsonObject {
  const shown = [...module.fields.values()].filter(isReadable)
  return {
    type: 'object',
    description: module.meta.description,
    required: shown.map(({ name }) => name),
    properties: Object.fromEntries(shown.map((field) => [field.name, readSchema(field)])),
    examples: [recordExample(module, idPrefixOf)],
  }
}

/** A record as it could be. */
export function recordExample(
  module: Module,
  idPrefixOf: (module: string) => string | undefined,
): JsonObject {
  const shown = [...module.fields.values()].filter(isReadable)
  // What only the server sets has mostly not happened: revoked, last used.
  const hasNotHappened = (field: Field): boolean =>
    field.isInternalWrite && !field.isRequired && (field.default === undefined || field.default === null)
  const shownValue = (field: Field): unknown =>
    hasNotHappened(field) ? null : (fieldExample(field, idPrefixOf) ?? null)
  const values = shown.map((field) => [field.name, shownValue(field)] as const)
  return { ...Object.fromEntries(values), id: exampleId(module.idPrefix) }
}

const isNeeded = (field: Field): boolean =>
  field.isRequired && (field.default === undefined || field.default === null)

/** What an action takes: `required` is empty for an update that merges. Nothing else may be given. */
export function actionInputSchema(
  module: Module,
  action: Action,
  mode: 'whole' | 'merge' = 'whole',
): JsonObject {
  const fields = inputFields(module, action).filter((field) => mode === 'whole' || !field.isImmutable)
  const required = fields.filter((field) => mode === 'whole' && isNeeded(field)).map(({ name }) => name)
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(fields.map((field) => [field.name, inputSchema(field)])),
    additionalProperties: false,
  }
}

/** An input that would be taken: what must be given, and a word more; undefined where no value is at hand. */
export function inputExample(
  module: Module,
  action: Action,
  mode: 'whole' | 'merge',
  idPrefixOf: (module: string) => string | undefined,
): JsonObject | undefined {
  const fields = inputFields(module, action).filter((field) => mode === 'whole' || !field.isImmutable)
  const needed = fields.filter((field) => mode === 'whole' && isNeeded(field))
  const chosen = needed.length > 0 ? needed : fields.slice(0, 1)
  const values = chosen.map((field) => [field.name, fieldExample(field, idPrefixOf)] as const)
  return values.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(values)
}
