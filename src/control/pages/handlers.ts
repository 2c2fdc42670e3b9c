import { readFileSync } from 'node:fs'
import type { Engine } from '#core/engine.ts'
import type { Ids } from '#ports/ids.ts'
import type { ControlHandler } from '../route-table.ts'
import { applicationHandlers } from './application-handlers.ts'
import { openBuiltPages } from './built-pages.ts'
import { errorsPage } from './errors.ts'
import { landingPage } from './landing.ts'
import { setupFirst } from './setup-first.ts'

const always =
  (body: string, type: string): ControlHandler =>
  () =>
    new Response(body, {
      headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'public, max-age=300' },
    })

/** Where `npm run build` leaves what it makes of `web/`. */
const built = new URL('../../../dist/web/', import.meta.url)

/** The pages that need nothing but themselves, by their rule. */
export function pageHandlers({
  ids,
  engine,
}: {
  readonly ids: Pick<Ids, 'next'>
  readonly engine: Pick<Engine, 'records'>
}): Readonly<Record<string, ControlHandler>> {
  const unlessNew = setupFirst(engine.records)
  const applications = applicationHandlers(openBuiltPages(built), ids)
  const ui = applications['GET /ui'] as ControlHandler
  const styles = readFileSync(new URL('./base.css', import.meta.url), 'utf8')
  return {
    ...applications,
    'GET /ui': unlessNew(ui),
    'GET /': unlessNew(always(landingPage(), 'text/html')),
    'GET /assets/base.css': always(styles, 'text/css'),
    'GET /docs': () => new Response(null, { status: 302, headers: { location: '/docs/errors' } }),
    'GET /docs/errors': always(errorsPage(), 'text/html'),
  }
}
