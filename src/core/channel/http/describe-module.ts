import type { Action, Field, Module } from '../../schema/module.ts'

/** A field as forms and clients need it; absent attributes are false or unset. */
function describeField(field: Field): Record<string, unknown> {
  const flags = {
    required: field.isRequired,
    unique: field.isUnique,
    lookup: field.isLookup,
    immutable: field.isImmutable,
    sticky: field.isSticky,
    read_only: field.isImplicit || field.isInternalWrite,
    write_only: field.isWriteOnly || field.type.name === 'secret',
  }
  const details = {
    default: field.default,
    values: field.values.length > 0 ? field.values : undefined,
    to: field.to,
    min: field.min,
    max: field.max,
    pattern: field.pattern?.source,
    money: field.money,
    computed: field.computed === undefined ? undefined : true,
  }
  return {
    name: field.name,
    label: field.label,
    type: field.type.name,
    widget: field.type.widget,
    description: field.description,
    ...flags,
    ...Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)),
  }
}

const place: Readonly<Record<Action['kind'], readonly [method: string, below: string]>> = {
  list: ['GET', ''],
  get: ['GET', '/{id}'],
  create: ['POST', ''],
  update: ['PATCH', '/{id}'],
  delete: ['DELETE', '/{id}'],
  custom: ['POST', '/{id}/'],
}

/** What people see of what an action sets by itself; null where more decides what becomes of the record. */
function outcomeOf(module: Module, action: Action): Readonly<Record<string, unknown>> | null {
  if (action.kind !== 'custom' || action.call !== undefined || action.input.length > 0) return null
  const seen = Object.entries(action.set).filter(([name]) => module.fields.get(name)?.isInternal === false)
  return seen.length === 0 ? null : Object.fromEntries(seen)
}

function describeAction(module: Module, action: Action): Record<string, unknown> {
  const [method, below] = place[action.kind]
  return {
    name: action.name,
    label: action.label,
    kind: action.kind,
    description: action.description,
    confirm: action.confirm,
    offered_when: action.offeredWhen.map(({ field, isOneOf, values }) => ({
      field,
      [isOneOf ? 'in' : 'not_in']: values,
    })),
    sets: outcomeOf(module, action),
    auth: action.auth,
    method,
    path: `${module.channels.http.basePath}${below}${action.kind === 'custom' ? action.name : ''}`,
    input: action.input.map(describeField),
    output: action.output.map(describeField),
  }
}

/** Actions of a module that answer over HTTP. */
export function servedActions(module: Module): readonly Action[] {
  return [...module.actions.values()].filter(
    (action) => !action.isInternal && module.channels.http.actions.has(action.name),
  )
}

/** A module in the answer to `GET /api/_schema`: what it is and where it is found. */
export function summarizeModule(module: Module): Record<string, unknown> {
  return {
    module: module.name,
    plural: module.plural,
    display_name: module.meta.displayName,
    display_plural: module.meta.displayPlural,
    description: module.meta.description,
    icon: module.meta.icon,
    name_field: module.meta.nameField ?? null,
    id_prefix: module.idPrefix,
    path: module.channels.http.basePath,
    scope: module.scope,
    refs: [...module.fields.values()]
      .filter(({ to, isInternal }) => to !== undefined && !isInternal)
      .map(({ name, label, to }) => ({ field: name, label, to })),
    actions: servedActions(module).map((action) => action.name),
  }
}

/** A module in full: fields, those that a list shows, and actions, without anything internal. */
export function describeModule(module: Module): Record<string, unknown> {
  const shown = [...module.fields.values()].filter((field) => !field.isInternal)
  return {
    ...summarizeModule(module),
    columns: module.channels.cli.columns,
    fields: shown.map(describeField),
    unique: module.unique.filter((names) =>
      names.every((name) => module.fields.get(name)?.isInternal === false),
    ),
    actions: servedActions(module).map((action) => describeAction(module, action)),
  }
}
