import type { Actor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Invocation } from '#ports/behaviour.ts'
import { createRecordStore } from '../storage/record-store.ts'
import { whileAvailable } from '../storage/violation.ts'
import { boundOf } from './bounds.ts'
import type { EngineDependencies } from './create-runtime.ts'
import { choose, denied } from './locate.ts'

/** Says whether an actor may make a call now, and does nothing; the "no" is the one that `invoke` would give. */
export type Permission = (call: Invocation & { readonly actor: Actor }) => Promise<Outcome<undefined>>

/**
 * The permission of the engine's own rule, over the same database. A record that is gone by now, or was never there, is no reason to
 * refuse: then the rule is asked about the action alone.
 */
export function createPermission(
  deps: Pick<EngineDependencies, 'db' | 'dialect' | 'modules' | 'cipher' | 'authorize'>,
): Permission {
  const { db, dialect, modules, cipher, authorize } = deps
  const store = createRecordStore(db, dialect, modules, cipher)
  return async ({ actor, module: name, action: actionName, id }) => {
    const module = modules.get(name)
    const action = module?.actions.get(actionName)
    if (module === undefined || action === undefined) {
      return refuse('not_found', `There is no ${actionName} of ${name}`)
    }
    const rows =
      id === undefined
        ? []
        : await whileAvailable(dialect, () => store.within(boundOf(actor)).find(module.name, id, 'show'))
    if (rows.length === 0) {
      return authorize(actor, module, action, undefined) !== false
        ? accept(undefined)
        : denied(module, action)
    }
    const row = choose(rows, actor, authorize, module, action)
    return row.ok ? accept(undefined) : row
  }
}
