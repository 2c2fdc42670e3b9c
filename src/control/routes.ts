import { moduleRoutes } from '#core/channel/http/module-routes.ts'
import { rules } from '#domain/access/rules.ts'
import { alertHandlers } from './account/alert-handlers.ts'
import { impersonationHandlers } from './account/impersonation-handlers.ts'
import { invitationHandlers } from './account/invitation-handlers.ts'
import { keyHandlers } from './account/key-handlers.ts'
import { leakHandlers } from './account/leak-handlers.ts'
import { linkedAccountHandlers } from './account/linked-account-handlers.ts'
import { mailHandlers } from './account/mail-handlers.ts'
import { oauthHandlers } from './account/oauth-handlers.ts'
import { organizationHandlers } from './account/organization-handlers.ts'
import { ownAccountHandlers } from './account/own-account-handlers.ts'
import { planHandlers } from './account/plan-handlers.ts'
import { secondFactorHandlers } from './account/second-factor-handlers.ts'
import { signInHandlers } from './account/sign-in-handlers.ts'
import { spendingHandlers } from './account/spending-handlers.ts'
import { teamHandlers } from './account/team-handlers.ts'
import { loginHandler, logoutHandler, meHandler } from './admin.ts'
import { auditHandlers } from './audit/audit-handlers.ts'
import { billingHandlers } from './billing/billing-handlers.ts'
import { exportHandlers } from './billing/export-handlers.ts'
import { ledgerHandlers } from './billing/ledger-handlers.ts'
import { ownBillingHandlers } from './billing/own-billing-handlers.ts'
import { paperHandlers } from './billing/paper-handlers.ts'
import { declaredHandlers } from './declared-handlers.ts'
import type { ControlPlaneDependencies } from './dependencies.ts'
import { emailHandlers } from './email-handlers.ts'
import { jobHandlers } from './job-handlers.ts'
import { liveRoutes, upgradeFirst } from './live/live-paths.ts'
import { mcpHandler } from './mcp-handler.ts'
import { type ApiDocuments, apiDocuments, openApiHandlers } from './openapi/handlers.ts'
import { operatorFactorHandlers } from './operator-factor-handlers.ts'
import { pageHandlers } from './pages/handlers.ts'
import { siteHandlers } from './pages/site-handlers.ts'
import { dummyPageHandlers } from './payments/dummy-page-handlers.ts'
import { methodHandlers } from './payments/method-handlers.ts'
import { paymentHandlers } from './payments/payment-handlers.ts'
import { pricePreviewHandlers } from './price-preview-handlers.ts'
import { providerHandlers } from './provider-handlers.ts'
import { reconcileHandlers } from './reconcile-handlers.ts'
import { createRouteTable, type GuardedRoute } from './route-table.ts'
import { routeToolsHandlers } from './route-tools-handlers.ts'
import { settingsHandlers } from './settings-handlers.ts'
import { setupHandler } from './setup/setup-handler.ts'
import { statusHandlers } from './status-handlers.ts'
import { syncHandlers } from './sync-handlers.ts'
import { testClockHandlers } from './test-clock-handlers.ts'
import { usageHandler } from './usage-handler.ts'
import { usageSeriesHandlers } from './usage-series-handlers.ts'

/** Puts every handler of the control plane under its rule. */
export function controlRoutes(deps: ControlPlaneDependencies): readonly GuardedRoute[] {
  const table = createRouteTable(rules)
  const handlers = {
    ...auditHandlers(deps),
    ...billingHandlers(deps),
    ...ledgerHandlers(deps),
    ...ownBillingHandlers(deps),
    ...paperHandlers(deps),
    ...exportHandlers(deps),
    ...declaredHandlers(deps),
    ...openApiHandlers(() => documents),
    ...jobHandlers(deps),
    ...reconcileHandlers(deps),
    ...syncHandlers(deps),
    ...testClockHandlers(deps),
    ...usageSeriesHandlers(deps),
    ...keyHandlers(deps),
    ...planHandlers(deps),
    ...spendingHandlers(deps),
    ...alertHandlers(deps),
    ...leakHandlers(deps),
    ...emailHandlers(deps),
    ...teamHandlers(deps),
    ...invitationHandlers(deps),
    ...organizationHandlers(deps),
    ...pageHandlers(deps),
    ...methodHandlers(deps),
    ...paymentHandlers(deps),
    ...dummyPageHandlers(deps),
    ...pricePreviewHandlers,
    ...siteHandlers(deps, () => documents.customers),
    ...providerHandlers(deps),
    ...routeToolsHandlers(deps),
    ...impersonationHandlers(deps),
    ...linkedAccountHandlers(deps),
    ...mailHandlers(deps),
    ...oauthHandlers(deps),
    ...operatorFactorHandlers(deps),
    ...ownAccountHandlers(deps),
    ...secondFactorHandlers(deps),
    ...settingsHandlers(deps),
    ...signInHandlers(deps),
    ...statusHandlers(deps),
    'GET /ws/admin/requests': ({ requestId }: { readonly requestId: string }) => upgradeFirst(requestId),
    'GET /admin/me': meHandler(deps),
    'GET /admin/usage/summary': usageHandler(deps),
    'POST /api/mcp': mcpHandler(deps),
    'POST /admin/login': loginHandler(deps),
    'POST /admin/logout': logoutHandler(deps),
    'POST /admin/setup': setupHandler(deps),
  }
  for (const [rule, handle] of Object.entries(handlers)) table.mount(rule, handle)
  table.mountAll('module routes', moduleRoutes(deps))
  table.mountAll('module subscriptions', liveRoutes(deps.engine.modules.values()))
  const routes = table.finish()
  const documents: ApiDocuments = apiDocuments(routes, {
    version: deps.version,
    modules: deps.engine.modules,
  })
  return routes
}
