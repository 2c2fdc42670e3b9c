import type { Actor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Invocation } from '#ports/behaviour.ts'
import type { Row } from '#ports/records.ts'
import type { Action, Module } from '../schema/module.ts'
import { scopeColumn } from '../schema/names.ts'
import type { RecordStore } from '../storage/record-store.ts'
import type { Blueprint } from './blueprint.ts'
import { boundOf } from './bounds.ts'
import type { Authorize, Runtime } from './runtime.ts'

const missing = (module: Module) => refuse('not_found', `There is no such ${module.meta.displayName}`)
/** The refusal of an action that a record's or module's rule does not allow. */
export const denied = (module: Module, action: Action) =>
  refuse('permission_denied', `You may not ${action.name} ${module.meta.displayPlural}`)

/**
 * The one record that a text names, among those that the actor may look at or call the action on; what is there but not theirs is
 * `not_found`, and what they may look at but not change is `permission_denied`.
 */
export function choose(
  rows: readonly Row[],
  actor: Actor,
  authorize: Authorize,
  module: Module,
  action: Action,
): Outcome<Row> {
  const get = module.actions.get('get')
  const known = rows.filter(
    (row) =>
      (get !== undefined && authorize(actor, module, get, row) !== false) ||
      authorize(actor, module, action, row) !== false,
  )
  const [row] = known
  if (row === undefined) return missing(module)
  if (known.length > 1)
    return refuse('conflict', `Several ${module.meta.displayPlural} answer to this; use the id`)
  return authorize(actor, module, action, row) !== false ? accept(row) : denied(module, action)
}

/** Finds the action of a call, and its record, and sees that the actor may call it. */
export async function locate(
  runtime: Runtime,
  store: RecordStore,
  call: Invocation & { readonly actor: Actor },
): Promise<Outcome<{ blueprint: Blueprint; row: Row | undefined }>> {
  const module = runtime.modules.get(call.module)
  if (module === undefined) return refuse('not_found', `There is no module ${call.module}`)
  const action = module.actions.get(call.action)
  if (action === undefined || action.kind === 'list' || action.kind === 'get') {
    return refuse('not_found', `${module.meta.displayName} has no action ${call.action}`)
  }
  const blueprint = runtime.blueprint(module, action)
  if (action.kind === 'create') {
    // Whoever is confined to an organization makes none beside it.
    const isOutside = boundOf(call.actor) !== undefined && scopeColumn(module) === 'id'
    return !isOutside && runtime.authorize(call.actor, module, action, undefined) !== false
      ? accept({ blueprint, row: undefined })
      : denied(module, action)
  }
  if (call.id === undefined)
    return refuse('invalid_request', `${call.action} needs the id of a record`, { field: 'id' })
  const rows = await store.find(module.name, call.id, 'change')
  const row = choose(rows, call.actor, runtime.authorize, module, action)
  return row.ok ? accept({ blueprint, row: row.value }) : row
}
