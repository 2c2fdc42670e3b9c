import type { Engine } from '#core/engine.ts'
import type { ControlHandler } from '../route-table.ts'

/** While an instance has no account for operators, who opens a page in a browser is led to where the first one is made. */
export function setupFirst(records: Engine['records']): (handler: ControlHandler) => ControlHandler {
  // An instance that is set up stays set up: from then on no page waits for the database.
  let isSetUp = false
  return (handler) => async (asked) => {
    const accept = asked.request.headers.get('accept') ?? ''
    if (isSetUp || !accept.includes('text/html')) return handler(asked)
    isSetUp = (await records.list('operator', { limit: 1 })).items.length > 0
    if (isSetUp) return handler(asked)
    return new Response(null, {
      status: 302,
      headers: { location: '/ui/setup', 'cache-control': 'no-store' },
    })
  }
}
