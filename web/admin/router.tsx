import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { isSessionOver } from '@/data/session-over.ts'
import { Missing } from '@/ui/missing.tsx'
import { Problem } from '@/ui/problem.tsx'
import { usageChoice } from '@/ui/usage-choice.ts'
import { Frame } from './frame.tsx'
import { ledgerFilter } from './ledger/ledger-filter.ts'
import { auditFilter } from './operate/audit-filter.ts'
import { overviewChoice } from './overview/overview-choice.ts'
import { meQuery } from './session.ts'

interface Context {
  readonly client: QueryClient
}

/** What the address of a list of records says besides its module. */
export interface ListSearch {
  readonly sort?: string | undefined
  /** A part of the name, or an id. */
  readonly q?: string | undefined
  readonly where?: Readonly<Record<string, string>> | undefined
  readonly new?: boolean | undefined
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  errorComponent: ({ error }) => <Problem error={error} onRetry={() => location.reload()} />,
  notFoundComponent: Missing,
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/ui/sign-in',
  component: lazyRouteComponent(() => import('./sign-in-page.tsx'), 'SignInPage'),
  validateSearch: (search): { next?: string } =>
    typeof search['next'] === 'string' ? { next: search['next'] } : {},
})
const setup = createRoute({
  getParentRoute: () => root,
  path: '/ui/setup',
  component: lazyRouteComponent(() => import('./setup-page.tsx'), 'SetupPage'),
})

/** Everything that only somebody who is signed in sees; whoever is not comes back here after signing in. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery)
    } catch (error) {
      if (isSessionOver(error)) throw redirect({ to: '/ui/sign-in', search: { next: location.href } })
      throw error
    }
  },
})

const pages = [
  createRoute({
    getParentRoute: () => frame,
    path: '/ui',
    validateSearch: overviewChoice,
    component: lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/usage',
    validateSearch: usageChoice,
    component: lazyRouteComponent(() => import('./pages/usage-page.tsx'), 'UsagePage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/start',
    component: lazyRouteComponent(() => import('./start/start-page.tsx'), 'StartPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/route-tester',
    validateSearch: (search): { method?: string; url?: string } => ({
      ...(typeof search['method'] === 'string' ? { method: search['method'] } : {}),
      ...(typeof search['url'] === 'string' ? { url: search['url'] } : {}),
    }),
    component: lazyRouteComponent(() => import('./operate/route-tester-page.tsx'), 'RouteTesterPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/upstreams',
    component: lazyRouteComponent(() => import('./operate/upstreams-page.tsx'), 'UpstreamsPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/providers',
    component: lazyRouteComponent(() => import('./operate/providers-page.tsx'), 'ProvidersPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/emails',
    component: lazyRouteComponent(() => import('./operate/emails-page.tsx'), 'EmailsPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/jobs',
    validateSearch: ({ state }): { state?: string } =>
      ['waiting', 'running', 'dead'].includes(String(state)) ? { state: String(state) } : {},
    component: lazyRouteComponent(() => import('./operate/jobs-page.tsx'), 'JobsPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/audit',
    validateSearch: auditFilter,
    component: lazyRouteComponent(() => import('./operate/audit-page.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/ledger',
    validateSearch: ledgerFilter,
    component: lazyRouteComponent(() => import('./ledger/ledger-page.tsx'), 'LedgerPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/certificates',
    component: lazyRouteComponent(() => import('./operate/certificates-page.tsx'), 'CertificatesPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/settings',
    validateSearch: ({ q }): { q?: string } => (typeof q === 'string' && q !== '' ? { q } : {}),
    component: lazyRouteComponent(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/health',
    component: lazyRouteComponent(() => import('./operate/health-page.tsx'), 'HealthPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/security',
    component: lazyRouteComponent(() => import('./pages/security-page.tsx'), 'SecurityPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/modules',
    validateSearch: ({ q }): { q?: string } => (typeof q === 'string' && q !== '' ? { q } : {}),
    component: lazyRouteComponent(() => import('./pages/modules-page.tsx'), 'ModulesPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/m/$plural',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./module/list-page.tsx'), 'ModuleListPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/ui/m/$plural/$id',
    component: lazyRouteComponent(() => import('./module/record-page.tsx'), 'ModuleRecordPage'),
  }),
]

function listSearch(search: Record<string, unknown>): ListSearch {
  const { sort, where, q } = search
  const filters =
    typeof where === 'object' && where !== null
      ? Object.fromEntries(Object.entries(where).map(([field, value]) => [field, String(value)]))
      : undefined
  return {
    ...(typeof sort === 'string' ? { sort } : {}),
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(filters === undefined || Object.keys(filters).length === 0 ? {} : { where: filters }),
    ...(search['new'] === true ? { new: true } : {}),
  }
}

/** The operators' addresses. */
export const createAdminRouter = (client: QueryClient) =>
  createRouter({
    routeTree: root.addChildren([signIn, setup, frame.addChildren(pages)]),
    context: { client },
    defaultPreload: 'intent',
    scrollRestoration: true,
  })
