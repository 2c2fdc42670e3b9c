import { listSettings } from '#app/settings/list-settings.ts'
import { dataAnswer } from '#core/channel/http/answer.ts'
import type { Engine } from '#core/engine.ts'
import type { ControlHandler } from './route-table.ts'

/** `GET /admin/settings`: every setting there is, with what it does and its default, by its rule. It is written as a record. */
export function settingsHandlers(deps: {
  readonly engine: Pick<Engine, 'records'>
}): Readonly<Record<string, ControlHandler>> {
  return { 'GET /admin/settings': async () => dataAnswer(await listSettings(deps.engine.records)) }
}
