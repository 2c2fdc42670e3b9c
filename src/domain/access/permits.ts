import { type Actor, memberRoles, type OperatorRole } from '#contract/actor.ts'
import { permitsImpersonated } from './impersonation.ts'

/** What of a module the rule looks at. */
export interface GuardedModule {
  readonly name: string
  readonly scope: 'instance' | 'organization'
  readonly fields: { has(name: string): boolean }
}

/** What of an action the rule looks at. */
export interface GuardedAction {
  readonly name: string
  readonly kind: 'list' | 'get' | 'create' | 'update' | 'delete' | 'custom'
  readonly isInternal: boolean
  readonly auth: readonly string[]
}

/** What a record has to be for a yes. */
interface Need {
  readonly field: string
  readonly op: 'eq'
  readonly value: string
}

type Values = Readonly<Record<string, unknown>>
type Member = Extract<Actor, { kind: 'member' }>

/** What a role may do beyond looking: kinds of actions, by module; `all` is every module. */
const writes: Readonly<
  Record<OperatorRole, 'all' | Readonly<Record<string, readonly GuardedAction['kind'][]>>>
> = {
  superadmin: 'all',
  support: {},
  billing: {
    coupon: ['create', 'update'],
    plan: ['create', 'update', 'custom'],
    subscription: ['create', 'update', 'custom'],
  },
}

/**
 * The one rule of who may call which action of which module. The system may do everything. An operator never calls an internal action,
 * looks at everything, and changes what the role's row or the action's `auth` says. A member may what the action's `auth` opens to the role, or to the user that
 * the record is about: without a record that answer is what the record has to be. Nobody else may do anything.
 */
export function permits(
  actor: Actor,
  module: GuardedModule,
  action: GuardedAction,
  row?: Values,
): boolean | readonly Need[] {
  if (actor.kind === 'system') return true
  if (actor.kind === 'anonymous' || action.isInternal) return false
  if (actor.kind === 'member') return memberMay(actor, module, action, row)
  if (action.kind === 'list' || action.kind === 'get') return true
  const allowed = writes[actor.role]
  if (allowed === 'all' || action.auth.includes(`role:${actor.role}`)) return true
  return Object.hasOwn(allowed, module.name) && (allowed[module.name]?.includes(action.kind) ?? false)
}

function memberMay(
  actor: Member,
  module: GuardedModule,
  action: GuardedAction,
  row: Values | undefined,
): boolean | readonly Need[] {
  const { auth } = action
  const isImpersonated = actor.impersonatedBy !== undefined
  if (isImpersonated && !permitsImpersonated(module.name, action, actor.isReadOnly === true)) return false
  const owner = module.name === 'organization' ? 'id' : 'organization_id'
  if (module.scope === 'organization' && row !== undefined && row[owner] !== actor.organizationId)
    return false
  const rank = memberRoles.indexOf(actor.role)
  if (memberRoles.some((role, at) => at >= rank && auth.includes(`role:${role}`))) return true
  const self = module.name === 'user' ? 'id' : 'user_id'
  if (!auth.includes('self_or_admin') || (self !== 'id' && !module.fields.has(self))) return false
  return row === undefined ? [{ field: self, op: 'eq', value: actor.id }] : row[self] === actor.id
}
