import { readFileSync } from 'node:fs'
import type { ControlHandler } from '../route-table.ts'
import { errorsPage } from './errors.ts'
import { landingPage } from './landing.ts'

const always =
  (body: string, type: string): ControlHandler =>
  () =>
    new Response(body, {
      headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'public, max-age=300' },
    })

/** The pages that need nothing but themselves, by their rule. */
export function pageHandlers(): Readonly<Record<string, ControlHandler>> {
  const styles = readFileSync(new URL('./base.css', import.meta.url), 'utf8')
  return {
    'GET /': always(landingPage(), 'text/html'),
    'GET /assets/base.css': always(styles, 'text/css'),
    'GET /docs': () => new Response(null, { status: 302, headers: { location: '/docs/errors' } }),
    'GET /docs/errors': always(errorsPage(), 'text/html'),
  }
}
