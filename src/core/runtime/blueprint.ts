import type { z } from 'zod'
import { eventOf } from '../schema/event-types.ts'
import type { Action, Field, HookStep, Module } from '../schema/module.ts'
import { scopeColumn, scopeField } from '../schema/names.ts'
import type { ComputedField } from './computed.ts'
import { type Dependent, dependentsOf } from './dependents.ts'

/** A field or parameter with its check, made once. */
export interface Checked {
  readonly field: Field
  readonly schema: z.ZodType
}

/** A value that an action or a default sets: a literal, or the time of the action. */
export interface Assignment {
  readonly name: string
  valueAt(now: string): unknown
}

/** All that one action of one module needs to know at each call, worked out once. */
export interface Blueprint {
  readonly module: Module
  readonly action: Action
  /** The names that the action takes: fields of the module and parameters of its own. */
  readonly accepts: ReadonlyMap<string, Checked>
  /** Every stored field, for values that behaviours set. */
  readonly stored: ReadonlyMap<string, Checked>
  readonly defaults: readonly Assignment[]
  readonly sets: readonly Assignment[]
  /** Fields and parameters that must be given. */
  readonly required: readonly Field[]
  /** What the action answers beside the record. */
  readonly output: ReadonlyMap<string, Checked>
  readonly computed: readonly ComputedField[]
  readonly before: readonly HookStep[]
  readonly after: readonly HookStep[]
  /** The refs to records that belong to organizations too; they have to be of the same one. */
  readonly scopedRefs: readonly Field[]
  /** For delete: what goes with the record, or lets go of it. */
  readonly dependents: readonly Dependent[]
  /** What the event of the action is called. */
  readonly event: string
  /** Every column empty, for records that are made. */
  readonly blank: Readonly<Record<string, null>>
}

/** A check is made when it is first needed, and once for all the actions that take the field: a module has many, a process calls few. */
const checks = new WeakMap<Field, Checked>()

function checkOf(field: Field): Checked {
  let check = checks.get(field)
  if (check === undefined) {
    let schema: z.ZodType | undefined
    check = {
      field,
      get schema() {
        schema ??= field.type.schema(field)
        return schema
      },
    }
    checks.set(field, check)
  }
  return check
}

const checked = (field: Field): [string, Checked] => [field.name, checkOf(field)]

/** A value as it stands in YAML, with `now()` for a time field understood. */
function assignment(field: Field, value: unknown): Assignment {
  if (value === 'now()' && field.type.name === 'timestamp') return { name: field.name, valueAt: (now) => now }
  const parsed = value === null ? undefined : checkOf(field).schema.safeParse(value)
  const normal = parsed?.success === true ? parsed.data : value
  const isShared = typeof normal === 'object' && normal !== null
  return { name: field.name, valueAt: () => (isShared ? structuredClone(normal) : normal) }
}

/** The assignments of a `set`. */
export function assignmentsOf(module: Module, set: Readonly<Record<string, unknown>>): readonly Assignment[] {
  return Object.entries(set).flatMap(([name, value]) => {
    const field = module.fields.get(name)
    return field === undefined ? [] : [assignment(field, value)]
  })
}

/** Works an action out. */
export function createBlueprint(
  module: Module,
  action: Action,
  modules: ReadonlyMap<string, Module>,
  computed: readonly ComputedField[],
): Blueprint {
  const own = [...module.fields.values()].filter((field) => !field.isImplicit)
  const stored = own.filter((field) => !field.isWriteOnly)
  const fields = action.kind === 'create' || action.kind === 'update' ? own : []
  const defaults = action.kind === 'create' ? own : action.input
  return {
    module,
    action,
    accepts: new Map([...action.input, ...fields].map(checked)),
    stored: new Map(stored.map(checked)),
    defaults: defaults
      .filter((field) => field.default !== undefined && field.default !== null)
      .map((field) => assignment(field, field.default)),
    sets: assignmentsOf(module, action.set),
    required: [...(action.kind === 'create' ? own : []), ...action.input].filter(
      (field) => field.isRequired && field.computed === undefined,
    ),
    output: new Map(action.output.map(checked)),
    computed,
    before: [
      ...(module.hooks.get(`before_${action.name}`) ?? []),
      ...(action.call === undefined ? [] : [action.call]),
    ],
    after: module.hooks.get(`after_${action.name}`) ?? [],
    dependents: action.kind === 'delete' ? dependentsOf(module, modules) : [],
    scopedRefs: stored.filter((field) => {
      const target = field.to === undefined ? undefined : modules.get(field.to)
      return target !== undefined && field.name !== scopeField && scopeColumn(target) !== undefined
    }),
    event: eventOf(module, action),
    blank: Object.fromEntries(stored.map(({ name }) => [name, null])),
  }
}
