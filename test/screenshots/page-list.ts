import { readFileSync } from 'node:fs'
import { rules } from '#domain/access/rules.ts'

/** Who looks at a page. */
export type Visitor = 'anyone' | 'customer' | 'operator'

/** A page to take pictures of. */
export interface PictureOf {
  readonly path: string
  readonly visitor: Visitor
}

const root = new URL('../../', import.meta.url)
const doors = [
  '/ui/sign-in',
  '/ui/setup',
  '/portal/sign-in',
  '/portal/sign-up',
  '/portal/verify-email',
  '/portal/confirm-email',
  '/portal/invitation',
  '/portal/forgot-password',
  '/portal/reset-password',
]

/** The addresses that a router knows, read from its text: a page that is added is in the pictures, too. */
function routesOf(file: string): string[] {
  const found = readFileSync(new URL(file, root), 'utf8').match(/'\/(ui|portal)(\/[\w$/.-]*)?'/g) ?? []
  return [...new Set(found.map((text) => text.slice(1, -1)))]
}

/** Public pages: what everyone may open and is neither a file nor an application. */
const publicPages = Object.keys(rules)
  .flatMap((rule) => rule.match(/^GET (\/|\/docs(\/[a-z]+)?)$/)?.[1] ?? [])
  .map((path) => (path === '/docs/search' ? '/docs/search?q=key' : path))

/** Every page there is; those of a record still have `$id` or `$plural` in their address. */
export function allPages(): readonly PictureOf[] {
  const inside = (paths: readonly string[], visitor: Visitor): PictureOf[] =>
    paths.map((path) => ({ path, visitor: doors.includes(path) ? 'anyone' : visitor }))
  return [
    ...publicPages.map((path) => ({ path, visitor: 'anyone' as const })),
    ...inside(routesOf('web/portal/router.tsx'), 'customer'),
    ...inside(routesOf('web/admin/router.tsx'), 'operator'),
  ]
}
