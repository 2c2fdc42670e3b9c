import { buildConditions } from './build-conditions.ts'
import { buildField, reasonAgainst } from './build-field.ts'
import type { ActionDocument, HookStepDocument, ModuleDocument } from './document.ts'
import { labelOf } from './label.ts'
import type { Action, Field, HookStep } from './module.ts'
import { namePattern, nameRule } from './names.ts'
import type { Path, Source } from './source.ts'
import { hint } from './suggest.ts'

const builtIn = {
  list: 'List records',
  get: 'Show one record',
  create: 'Make a record',
  update: 'Change a record',
  delete: 'Remove a record',
} as const

/** Checks the values of a `set`, of an action or a hook step, against the fields that they go to. */
function checkSet(
  source: Source,
  path: Path,
  set: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, Field>,
): void {
  for (const [name, value] of Object.entries(set)) {
    const field = fields.get(name)
    if (field === undefined)
      source.report([...path, name], `unknown field "${name}"${hint(name, fields.keys())}`)
    else if (field.isImplicit || field.isWriteOnly || field.computed !== undefined)
      source.report([...path, name], 'cannot be set; remove it')
    else {
      const reason = reasonAgainst(field, value)
      if (reason !== undefined) source.report([...path, name], reason)
    }
  }
}

/** The parameters of an action; a name that stands twice is reported. */
export function buildParameters(source: Source, path: Path, list: ActionDocument['input']): readonly Field[] {
  const fields = (list ?? []).map(({ name, ...rest }, index) =>
    buildField(source, [...path, index], name, rest),
  )
  const names = new Set<string>()
  return fields.filter((field, index): field is Field => {
    if (field !== undefined && names.has(field.name)) {
      source.report([...path, index], `the name "${field.name}" stands twice; rename one`)
    }
    if (field !== undefined) names.add(field.name)
    return field !== undefined
  })
}

/** The five built-in actions with what the YAML changes about them, then the module's own. */
export function buildActions(
  source: Source,
  document: ModuleDocument,
  fields: ReadonlyMap<string, Field>,
): ReadonlyMap<string, Action> {
  const written = document.actions ?? {}
  // `providers test` runs it; in a transaction of the record it could not wait for the service.
  const isProvider = (document.meta?.implements?.length ?? 0) > 0
  const actions = new Map<string, Action>()
  for (const name of new Set([...Object.keys(builtIn), ...Object.keys(written)])) {
    const path = ['actions', name]
    if (!namePattern.test(name)) source.report(path, `the name ${nameRule}`)
    const kind = Object.hasOwn(builtIn, name) ? (name as keyof typeof builtIn) : 'custom'
    const action: ActionDocument = written[name] ?? {}
    for (const sentence of misplaced(name, kind, action)) source.report(path, sentence)
    checkSet(source, [...path, 'set'], action.set ?? {}, fields)
    actions.set(name, {
      name,
      label: action.label ?? labelOf(name),
      kind,
      description: action.description ?? (kind === 'custom' ? '' : builtIn[kind]),
      isAudited: action.audit ?? true,
      isInternal: action.internal ?? (name === 'test_connection' && isProvider),
      confirm: action.confirm ?? kind === 'delete',
      offeredWhen: buildConditions(source, [...path, 'offered_when'], action.offered_when ?? {}, fields),
      auth: authOf(action),
      input: buildParameters(source, [...path, 'input'], action.input),
      output: buildParameters(source, [...path, 'output'], action.output),
      set: action.set ?? {},
      call: buildCall(source, [...path, 'call'], action.call),
    })
  }
  return actions
}

/** What an action may not have because of its kind, as sentences. */
function* misplaced(name: string, kind: Action['kind'], action: ActionDocument): Generator<string> {
  const isRead = kind === 'list' || kind === 'get'
  if ((isRead || kind === 'delete') && (action.set ?? action.input) !== undefined)
    yield `"${name}" takes no "set" and no "input"; remove them`
  if (isRead && (action.call ?? action.output) !== undefined)
    yield `"${name}" takes no "call" and no "output"; remove them`
  if ((name === 'list' || name === 'create') && action.offered_when !== undefined)
    yield `"${name}" is about no record that is there, so it takes no "offered_when"; remove it`
  if (authOf(action).includes('self_or_admin') && kind === 'create')
    yield '"self_or_admin" needs a record that is there; use "role:member" for create'
}

const authOf = ({ auth = 'admin' }: ActionDocument): Action['auth'] =>
  typeof auth === 'string' ? [auth] : auth

function buildCall(source: Source, path: Path, name: string): Extract<HookStep, { kind: 'call' }>
function buildCall(source: Source, path: Path, name: string | undefined): Action['call']
function buildCall(source: Source, path: Path, name: string | undefined): Action['call'] {
  if (name === undefined) return undefined
  if (!namePattern.test(name)) source.report(path, `the behaviour's name ${nameRule}`)
  return { kind: 'call', behaviour: name, place: source.placeOf(path) }
}

function buildStep(
  source: Source,
  path: Path,
  step: HookStepDocument,
  fields: ReadonlyMap<string, Field>,
): HookStep | undefined {
  const { emit, call, set } = step
  if ([emit, call, set].filter((part) => part !== undefined).length !== 1) {
    source.report(
      path,
      'must be exactly one of "emit: <event>", "call: <behaviour>" and "set: { field: value }"',
    )
    return undefined
  }
  if (emit !== undefined) {
    if (!/^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+$/.test(emit)) {
      source.report(path, `"${emit}" is not an event name; write it like "resource.created"`)
    }
    return { kind: 'emit', event: emit }
  }
  if (call !== undefined) {
    return buildCall(source, path, call)
  }
  checkSet(source, [...path, 'set'], set ?? {}, fields)
  return { kind: 'set', fields: set ?? {} }
}

/** The steps by hook name; a hook of an action that is not there, or that writes nothing, is reported. */
export function buildHooks(
  source: Source,
  document: ModuleDocument,
  fields: ReadonlyMap<string, Field>,
  actions: ReadonlyMap<string, Action>,
): ReadonlyMap<string, readonly HookStep[]> {
  const hookable = [...actions.values()].filter(({ kind }) => kind !== 'list' && kind !== 'get')
  const known = hookable.flatMap(({ name }) => [`before_${name}`, `after_${name}`])
  const hooks = new Map<string, readonly HookStep[]>()
  for (const [name, steps] of Object.entries(document.hooks ?? {})) {
    if (!known.includes(name)) source.report(['hooks', name], `unknown hook "${name}"${hint(name, known)}`)
    if (name === 'after_delete' && steps.some((step) => step.set !== undefined)) {
      source.report(['hooks', name], 'a deleted record has no fields to set; remove the "set" step')
    }
    const built = steps.map((step, index) => buildStep(source, ['hooks', name, index], step, fields))
    hooks.set(
      name,
      built.filter((step) => step !== undefined),
    )
  }
  return hooks
}
