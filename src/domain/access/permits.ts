import type { Actor, OperatorRole } from '#contract/actor.ts'

/** What of a module the rule looks at. */
export interface GuardedModule {
  readonly name: string
}

/** What of an action the rule looks at. */
export interface GuardedAction {
  readonly name: string
  readonly kind: 'list' | 'get' | 'create' | 'update' | 'delete' | 'custom'
  readonly isInternal: boolean
}

/** What a role may do beyond looking: kinds of actions, by module; `all` is every module. */
const writes: Readonly<
  Record<OperatorRole, 'all' | Readonly<Record<string, readonly GuardedAction['kind'][]>>>
> = {
  superadmin: 'all',
  support: {},
  billing: {
    plan: ['create', 'update', 'custom'],
    subscription: ['create', 'update', 'custom'],
  },
}

/**
 * The one rule of who may call which action of which module. The system may do everything; an operator never calls an
 * internal action, looks at everything, and changes what the role's row says; nobody else may do anything.
 */
export function permits(
  actor: Actor,
  module: GuardedModule,
  action: GuardedAction,
  _row?: Readonly<Record<string, unknown>>,
): boolean {
  if (actor.kind === 'system') return true
  if (actor.kind !== 'operator' || action.isInternal) return false
  if (action.kind === 'list' || action.kind === 'get') return true
  const allowed = writes[actor.role]
  if (allowed === 'all') return true
  return Object.hasOwn(allowed, module.name) && (allowed[module.name]?.includes(action.kind) ?? false)
}
