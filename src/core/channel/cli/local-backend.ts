import { randomUUID } from 'node:crypto'
import { systemActor } from '#contract/actor.ts'
import { accept } from '#contract/outcome.ts'
import type { Engine } from '../../engine.ts'
import { parseListQuery } from '../http/list-query.ts'
import type { Backend } from './backend.ts'

/** Works on the instance's own files, as the product itself. */
export function createLocalBackend(engine: Engine): Backend {
  return {
    async list(module, parameters) {
      const query = parseListQuery(module, parameters)
      if (!query.ok) return query
      const outcome = await engine.list({ actor: systemActor, module: module.name, query: query.value })
      if (!outcome.ok) return outcome
      const { items, nextCursor, total } = outcome.value
      const meta = {
        limit: query.value.limit,
        has_more: nextCursor !== undefined,
        next_cursor: nextCursor ?? null,
        ...(total === undefined ? {} : { total }),
      }
      return accept({ rows: items, meta })
    },
    get: (module, id) => engine.get({ actor: systemActor, module: module.name, id }),
    async invoke(module, action, call) {
      const requestId = `req_${randomUUID()}`
      const outcome = await engine.invoke({
        actor: systemActor,
        requestId,
        module: module.name,
        action: action.name,
        ...call,
      })
      return outcome.ok && action.kind === 'delete' ? accept(undefined) : outcome
    },
  }
}
