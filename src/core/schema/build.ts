import { buildActions, buildHooks } from './build-action.ts'
import { buildChannels } from './build-channels.ts'
import { buildField, implicitFields, plainField } from './build-field.ts'
import { checkMoney } from './check-money.ts'
import type { ModuleDocument } from './document.ts'
import { fieldTypes } from './fields/table.ts'
import { titleOf } from './label.ts'
import type { Field, Module } from './module.ts'
import { isReservedTable, namePattern, nameRule, scopeField, scopeModule } from './names.ts'
import { pluralOf, snakeCase } from './plural.ts'
import type { Source } from './source.ts'
import { hint } from './suggest.ts'

/** The field of a module of organizations that does not describe it itself. */
const belonging = plainField(scopeField, fieldTypes.ref, {
  isRequired: true,
  isImmutable: true,
  to: scopeModule,
  description: 'The organization that the record belongs to',
})

function checkScope(source: Source, document: ModuleDocument): void {
  const field = document.schema[scopeField]
  if (document.meta?.scope !== 'organization' || field === undefined) return
  const isFit = field.type === 'ref' && field.to === scopeModule && field.immutable === true
  if (isFit && field.write_only !== true && field.computed === undefined) return
  const wanted = `{ type: ref, to: ${scopeModule}, required: true, immutable: true }`
  source.report(['schema', scopeField], `"scope: organization" needs it as ${wanted}, or not written at all`)
}

function buildFields(source: Source, document: ModuleDocument): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>([['id', implicitFields.id]])
  if (document.meta?.scope === 'organization' && document.module !== scopeModule)
    fields.set(scopeField, belonging)
  for (const [name, attributes] of Object.entries(document.schema)) {
    const field = buildField(source, ['schema', name], name, attributes)
    if (field !== undefined) fields.set(name, field)
  }
  fields.set('created_at', implicitFields.createdAt)
  fields.set('updated_at', implicitFields.updatedAt)
  return fields
}

function checkUnique(source: Source, document: ModuleDocument, fields: ReadonlyMap<string, Field>): void {
  for (const [index, names] of (document.unique ?? []).entries()) {
    if (names.length < 2)
      source.report(['unique', index], 'needs at least two fields; for one write "unique: true" on it')
    for (const [at, name] of names.entries()) {
      const field = fields.get(name)
      const place = ['unique', index, at]
      if (field === undefined) source.report(place, `unknown field "${name}"${hint(name, fields.keys())}`)
      else if (field.isWriteOnly || ['secret', 'json', 'bytes'].includes(field.type.name)) {
        source.report(place, `"${name}" cannot be part of a unique set; remove it`)
      }
    }
  }
}

const usualNames = ['name', 'email', 'slug', 'number', 'key', 'title', 'label']
const cannotName = ['secret', 'json', 'bytes', 'bool']

/** The field by which people know a record: the one that the YAML says, else one that is called a name, else one that stands for the id. */
function nameFieldOf(
  source: Source,
  document: ModuleDocument,
  fields: ReadonlyMap<string, Field>,
): string | undefined {
  const names = (field: Field | undefined): boolean =>
    field !== undefined && !field.isInternal && !field.isWriteOnly && !cannotName.includes(field.type.name)
  const said = document.meta?.name_field
  if (said === undefined) {
    const usual = usualNames.find((name) => names(fields.get(name)))
    return usual ?? [...fields.values()].find((field) => field.isLookup && names(field))?.name
  }
  const place = ['meta', 'name_field']
  if (!fields.has(said)) source.report(place, `unknown field "${said}"${hint(said, fields.keys())}`)
  else if (!names(fields.get(said)))
    source.report(place, `"${said}" is nothing that people can be shown as a name`)
  return said
}

function requirements(document: ModuleDocument): Module['meta']['requires'] {
  const entries = Object.entries(document.meta?.requires ?? {}).map(([dependency, requirement]) => {
    const { capability, required = false, default: provider, description } = requirement
    const optional = {
      ...(provider === undefined ? {} : { default: provider }),
      ...(description === undefined ? {} : { description }),
    }
    return [dependency, { capability, required, ...optional }] as const
  })
  return Object.fromEntries(entries)
}

/** Builds a module from its document; what is wrong goes to `source.problems`, and then the module is not to be used. */
export function buildModule(source: Source, document: ModuleDocument): Module {
  const { module: name, meta } = document
  if (!namePattern.test(name)) source.report(['module'], nameRule)
  const plural = snakeCase(meta?.plural ?? '') || pluralOf(name)
  if (!namePattern.test(plural))
    source.report(['meta', 'plural'], `as a table name it is "${plural}", which ${nameRule}`)
  if (isReservedTable(plural) || isReservedTable(name)) {
    source.report(
      ['module'],
      `the table "${plural}" is one that the product keeps; choose another name or "meta.plural"`,
    )
  }
  const idPrefix = meta?.id_prefix ?? name
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(idPrefix))
    source.report(['meta', 'id_prefix'], `${nameRule}, at most 40`)

  const problemsBefore = source.problems.length
  const fields = buildFields(source, document)
  // A broken field is reported once; what names it would only be reported as unknown on top.
  const known =
    source.problems.length === problemsBefore
      ? fields
      : new Map(Object.keys(document.schema).map(standIn(fields)))
  checkUnique(source, document, known)
  checkScope(source, document)
  const actions = buildActions(source, document, known)
  const hooks = buildHooks(source, document, known, actions)
  checkMoney(source, document, known)
  const channels = buildChannels(source, document, { name, plural, fields: known, actions, hooks })
  const displayName = meta?.display_name ?? titleOf(name)
  return {
    name,
    plural,
    file: source.file,
    idPrefix,
    scope: meta?.scope ?? 'instance',
    meta: {
      description: meta?.description ?? '',
      icon: meta?.icon ?? 'box',
      displayName,
      displayPlural: meta?.display_plural ?? meta?.plural ?? titleOf(plural),
      nameField: nameFieldOf(source, document, known),
      isAudited: meta?.audit ?? true,
      implements: meta?.implements ?? [],
      requires: requirements(document),
      provider: {
        environment: meta?.provider?.environment ?? {},
        settings: meta?.provider?.settings ?? [],
        code: meta?.provider?.code,
        only: meta?.provider?.only,
      },
    },
    fields,
    unique: document.unique ?? [],
    actions,
    channels,
    hooks,
  }
}

const standIn =
  (fields: ReadonlyMap<string, Field>) =>
  (name: string): [string, Field] => [
    name,
    fields.get(name) ?? { ...implicitFields.id, name, isImplicit: false },
  ]
