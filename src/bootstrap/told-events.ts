import type { Actor } from '#contract/actor.ts'
import type { DomainEvent } from '#contract/events.ts'
import type { Action, Module } from '#core/schema/module.ts'
import { permits } from '#domain/access/permits.ts'

const builtIn: Readonly<Record<string, string>> = { created: 'create', updated: 'update', deleted: 'delete' }

/**
 * Who hears of an event: the platform of everything, an organization of records that its admins may read. Heartbeats and what is a log
 * itself, which leave no trace in the audit log, are told to nobody.
 */
export function isToldOf(
  modules: ReadonlyMap<string, Module>,
): (event: DomainEvent, organizationId: string | null) => boolean {
  return (event, organizationId) => {
    const module = modules.get(event.module)
    if (module?.meta.isAudited !== true || actionOf(module, event.type)?.isAudited === false) return false
    if (organizationId === null) return true
    const get = module.actions.get('get')
    const reader: Actor = { kind: 'member', id: '', organizationId, role: 'admin' }
    // The event says whose record it was; that of an organization is its own.
    const row = { id: event.record_id, organization_id: organizationId }
    return (
      event.organization_id === organizationId &&
      get !== undefined &&
      permits(reader, module, get, row) === true
    )
  }
}

/** The action that an event tells of, where it is not one that a hook has named. */
function actionOf(module: Module, type: string): Action | undefined {
  const what = type.slice(module.name.length + 1)
  return module.actions.get(builtIn[what] ?? what)
}
