import type { QueryClient } from '@tanstack/react-query'
import {
  type AnyRoute,
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
import { SignInPage } from './doors/sign-in-page.tsx'
import { SignUpPage } from './doors/sign-up-page.tsx'
import { Frame } from './frame.tsx'
import { meQuery } from './session.ts'

const root = createRootRouteWithContext<{ readonly client: QueryClient }>()({
  component: Outlet,
  errorComponent: ({ error }) => <Problem error={error} onRetry={() => location.reload()} />,
  notFoundComponent: Missing,
})

/** What the addresses of doors may say: where to go afterwards, and the token of a mail. */
interface DoorSearch {
  readonly next?: string
  readonly token?: string
  /** They come from closing their account. */
  readonly closed?: true
}

const doorSearch = ({ next, token, closed }: Record<string, unknown>): DoorSearch => ({
  ...(typeof next === 'string' ? { next } : {}),
  ...(typeof token === 'string' ? { token } : {}),
  ...(closed === undefined ? {} : { closed: true as const }),
})

const door = <Path extends string>(path: Path, component: NonNullable<AnyRoute['options']['component']>) =>
  createRoute({ getParentRoute: () => root, path, validateSearch: doorSearch, component })

const links = () => import('./doors/mail-link-pages.tsx')
const doors = [
  door('/portal/sign-in', SignInPage),
  door('/portal/sign-up', SignUpPage),
  door('/portal/verify-email', lazyRouteComponent(links, 'VerifyEmailPage')),
  door('/portal/confirm-email', lazyRouteComponent(links, 'ConfirmEmailPage')),
  door(
    '/portal/invitation',
    lazyRouteComponent(() => import('./doors/invitation-page.tsx'), 'InvitationPage'),
  ),
  door('/portal/forgot-password', lazyRouteComponent(links, 'ForgotPasswordPage')),
  door('/portal/reset-password', lazyRouteComponent(links, 'ResetPasswordPage')),
]

/** Everything that only somebody who is signed in sees; whoever is not comes back here after signing in. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery)
    } catch (error) {
      if (isSessionOver(error))
        throw redirect({ href: `/portal/sign-in?next=${encodeURIComponent(location.href)}` })
      throw error
    }
  },
})

const page = <Path extends string>(path: Path, component: NonNullable<AnyRoute['options']['component']>) =>
  createRoute({ getParentRoute: () => frame, path, component })

const pages = [
  page(
    '/portal',
    lazyRouteComponent(() => import('./pages/home-page.tsx'), 'HomePage'),
  ),
  page(
    '/portal/keys',
    lazyRouteComponent(() => import('./pages/keys-page.tsx'), 'KeysPage'),
  ),
  page(
    '/portal/usage',
    lazyRouteComponent(() => import('./pages/usage-page.tsx'), 'UsagePage'),
  ),
  page(
    '/portal/plan',
    lazyRouteComponent(() => import('./pages/plan-page.tsx'), 'PlanPage'),
  ),
  page(
    '/portal/alerts',
    lazyRouteComponent(() => import('./pages/alerts-page.tsx'), 'AlertsPage'),
  ),
  page(
    '/portal/billing',
    lazyRouteComponent(() => import('./pages/credit-page.tsx'), 'CreditPage'),
  ),
  page(
    '/portal/invoices',
    lazyRouteComponent(() => import('./pages/invoices-page.tsx'), 'InvoicesPage'),
  ),
  page(
    '/portal/invoices/$id',
    lazyRouteComponent(() => import('./pages/invoice-page.tsx'), 'InvoicePage'),
  ),
  page(
    '/portal/payment-methods',
    lazyRouteComponent(() => import('./pages/payment-methods-page.tsx'), 'PaymentMethodsPage'),
  ),
  page(
    '/portal/team',
    lazyRouteComponent(() => import('./pages/team-page.tsx'), 'TeamPage'),
  ),
  page(
    '/portal/webhooks',
    lazyRouteComponent(() => import('./pages/webhooks-page.tsx'), 'WebhooksPage'),
  ),
  page(
    '/portal/webhooks/$id',
    lazyRouteComponent(() => import('./pages/webhook-page.tsx'), 'WebhookPage'),
  ),
  page(
    '/portal/audit',
    lazyRouteComponent(() => import('./pages/audit-page.tsx'), 'AuditPage'),
  ),
  page(
    '/portal/security',
    lazyRouteComponent(() => import('./pages/security-page.tsx'), 'SecurityPage'),
  ),
  page(
    '/portal/settings',
    lazyRouteComponent(() => import('./pages/settings-page.tsx'), 'SettingsPage'),
  ),
]

/** The customers' addresses. */
export const createPortalRouter = (client: QueryClient) =>
  createRouter({
    routeTree: root.addChildren([...doors, frame.addChildren(pages)]),
    context: { client },
    defaultPreload: 'intent',
    scrollRestoration: true,
  })
