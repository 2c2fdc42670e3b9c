import { readFileSync } from 'node:fs'
import { brandStyles } from '#app/site/brand-styles.ts'
import type { ReadSite } from '#app/site/read-site.ts'
import type { Engine } from '#core/engine.ts'
import type { Ids } from '#ports/ids.ts'
import type { ControlHandler } from '../route-table.ts'
import { applicationHandlers } from './application-handlers.ts'
import { openBuiltPages } from './built-pages.ts'
import { setupFirst } from './setup-first.ts'

/** Where `npm run build` leaves what it makes of `web/`. */
const built = new URL('../../../dist/web/', import.meta.url)

/** The pages that need nothing but themselves, by their rule. */
export function pageHandlers({
  ids,
  engine,
  readSite,
}: {
  readonly ids: Pick<Ids, 'next'>
  readonly engine: Pick<Engine, 'records'>
  readonly readSite: ReadSite
}): Readonly<Record<string, ControlHandler>> {
  const { unlessNew, whileNew } = setupFirst(engine.records)
  const applications = applicationHandlers(openBuiltPages(built), ids, readSite)
  const ui = applications['GET /ui'] as ControlHandler
  const styles = readFileSync(new URL('./base.css', import.meta.url), 'utf8')
  return {
    ...applications,
    'GET /ui': unlessNew(ui),
    'GET /ui/*': whileNew(ui),
    'GET /assets/base.css': ({ request }) => {
      const accent = new URL(request.url).searchParams.get('accent') ?? ''
      return new Response(styles + brandStyles(`#${accent}`), {
        headers: { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=300' },
      })
    },
  }
}
