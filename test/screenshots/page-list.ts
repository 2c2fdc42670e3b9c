import { readFileSync } from 'node:fs'
import { rules } from '#domain/access/rules.ts'

/** Who looks at a page. */
export type Visitor = 'anyone' | Inside

/** Who has to sign in first. */
export type Inside = 'customer' | 'newcomer' | 'overdue' | 'prepaid' | 'operator'

/** A page to take pictures of. */
export interface PictureOf {
  readonly path: string
  readonly visitor: Visitor
  /** What is done there first: the button of that name is pressed, those keys are, or the first row is opened. */
  readonly steps?: readonly Step[]
}

/** One thing that somebody does on a page. */
export type Step =
  | { readonly press: string }
  | { readonly keys: string }
  | { readonly type: string }
  | 'open a row'

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

/** Addresses at which there is nothing, in the documentation and elsewhere. */
const missing = ['/docs/nothing', '/console', '/portal/nothing']

/** What else a customer may see at the same addresses: nothing yet, what is owed, what is used up. */
const others: Readonly<Record<Exclude<Inside, 'customer' | 'operator'>, (path: string) => boolean>> = {
  newcomer: (path) => !path.includes('$') && !doors.includes(path),
  overdue: (path) => ['/portal', '/portal/keys', '/portal/plan', '/portal/invoices'].includes(path),
  prepaid: (path) => ['/portal', '/portal/billing', '/portal/plan'].includes(path),
}

/** What only appears when one asks for it: forms, questions, menus, results. */
const moments: readonly PictureOf[] = [
  { path: '/ui', steps: [{ keys: 'Control+k' }, { type: 'acme' }] },
  { path: '/ui/m/plans', steps: [{ press: 'New plan' }] },
  { path: '/ui/m/plans', steps: [{ press: 'New plan' }, { press: 'Create' }] },
  { path: '/ui/m/plans/pro', steps: [{ press: 'Delete' }] },
  { path: '/ui/m/organizations/acme', steps: [{ press: 'Suspend' }] },
  { path: '/ui/m/users/grace@acme.example', steps: [{ press: 'Act as this person' }] },
  { path: '/ui/route-tester?url=%2Fweather%3Fcity%3DLagos', steps: [{ press: 'Test' }] },
  { path: '/ui/usage?by=route', steps: [] },
  { path: '/ui/usage?range=own', steps: [] },
  { path: '/ui/providers', steps: [{ press: 'Configure' }] },
  { path: '/ui/security', steps: [{ press: 'Turn on' }] },
  { path: '/ui/emails', steps: ['open a row'] },
  { path: '/ui/audit', steps: ['open a row'] },
  { path: '/ui/ledger?account=receivable', steps: [] },
  {
    path: '/ui/m/subscriptions?sort=created_at',
    steps: ['open a row', { press: 'Change the plan' }],
  },
  {
    path: '/ui/m/subscriptions?sort=created_at',
    steps: ['open a row', { press: 'Cancel' }],
  },
  { path: '/ui/m/invoices?q=INV-2026-000001', steps: ['open a row', { press: 'Mark as paid' }] },
  { path: '/ui/nowhere', steps: [] },
].map((one) => ({ ...one, visitor: 'operator' as const, steps: one.steps as readonly Step[] }))

/** Every page there is; those of a record still have `$id` or `$plural` in their address. */
export function allPages(): readonly PictureOf[] {
  const inside = (paths: readonly string[], visitor: Visitor): PictureOf[] =>
    paths.map((path) => ({ path, visitor: doors.includes(path) ? 'anyone' : visitor }))
  const portal = routesOf('web/portal/router.tsx')
  return [
    ...[...publicPages, ...missing].map((path) => ({ path, visitor: 'anyone' as const })),
    ...inside(portal, 'customer'),
    ...Object.entries(others).flatMap(([visitor, sees]) => inside(portal.filter(sees), visitor as Inside)),
    ...inside(routesOf('web/admin/router.tsx'), 'operator'),
    ...moments,
  ]
}
