import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'

/** What operators are told. */
export interface Notice {
  /** What it is, such as `payment.flagged`. */
  readonly event: string
  readonly severity: 'info' | 'warning' | 'error'
  readonly title: string
  readonly text: string
  readonly data: Readonly<Record<string, unknown>>
  /** The same key is the same notice. */
  readonly key: string
}

/** Tells operators; false where nobody could be told, and it has to be tried again. What they do not want to hear of counts as told. */
export type TellOperators = (notice: Notice) => Promise<boolean>

const setting = 'notification.events'
const longestTitle = 200
const longestText = 3000

/** Tells them through the notification provider of this moment, of the events that the setting `notification.events` lists; of all where it is empty. */
export function createTellOperators(deps: {
  readonly records: Pick<Records, 'getBy'>
  readonly capabilities: Pick<Capabilities, 'capability'>
  readonly log: Pick<Log, 'warn'>
}): TellOperators {
  const wants = createWantsNotice(deps.records)
  return async ({ event, severity, title, text, data, key }) => {
    if (!(await wants(event))) return true
    const told = await deps.capabilities.capability('notification').notify({
      event,
      severity,
      title: title.slice(0, longestTitle),
      text: text.slice(0, longestText),
      data,
      idempotency_key: key.slice(0, 200),
    })
    if (!told.ok) deps.log.warn({ event, ...data, reason: told.message }, 'operators could not be told')
    return told.ok
  }
}

/** Asks the setting `notification.events` whether operators want to hear of an event. */
export const createWantsNotice =
  (records: Pick<Records, 'getBy'>) =>
  async (event: string): Promise<boolean> =>
    isWanted((await records.getBy('setting', 'key', setting))?.value ?? '', event)

/** True for an event that a list names, whole or as a family: `payment.*`. An empty list names all. */
export function isWanted(list: string, event: string): boolean {
  const names = list.split(',').map((name) => name.trim())
  return names.every((name) => name === '') || names.some((name) => matches(name, event))
}

const matches = (name: string, event: string): boolean =>
  name === '*' || (name.endsWith('.*') ? event.startsWith(name.slice(0, -1)) : name === event)
