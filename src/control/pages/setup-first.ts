import type { Engine } from '#core/engine.ts'
import { isForEyes } from '../for-eyes.ts'
import type { ControlHandler } from '../route-table.ts'

/** Where a browser is led by whether somebody has set the instance up. */
export interface SetupFirst {
  /** While an instance has no account for operators, who opens this page in a browser is led to where the first one is made. */
  unlessNew(handler: ControlHandler): ControlHandler
  /** Once it has one, who opens that place is led to where one signs in. */
  whileNew(handler: ControlHandler): ControlHandler
}

const setupPath = '/ui/setup'

/** Asks for operators until there is one. */
export function setupFirst(records: Engine['records']): SetupFirst {
  // An instance that is set up stays set up: from then on no page waits for the database.
  let known = false
  const isSetUp = async (): Promise<boolean> => {
    known ||= (await records.list('operator', { limit: 1 })).items.length > 0
    return known
  }
  return {
    unlessNew: (handler) => async (asked) =>
      known || !isForEyes(asked.request) || (await isSetUp()) ? handler(asked) : ledTo(setupPath),
    whileNew: (handler) => async (asked) =>
      asked.path === setupPath && isForEyes(asked.request) && (await isSetUp())
        ? ledTo('/ui')
        : handler(asked),
  }
}

const ledTo = (location: string): Response =>
  new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } })
