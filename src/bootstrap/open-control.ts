import type { IncomingMessage } from 'node:http'
import { createOneTimeCodes } from '#adapters/crypto/one-time-codes.ts'
import { createSignedTokens } from '#adapters/crypto/signed-tokens.ts'
import { createOutboundHttp } from '#adapters/http/outbound-http.ts'
import { createOpenIdClient } from '#adapters/identity/open-id-client.ts'
import type { createPrometheusMetrics } from '#adapters/metrics/prometheus.ts'
import { readCron } from '#adapters/schedule/cron.ts'
import { type Accounts, createAccounts } from '#app/account/accounts.ts'
import { createConnections } from '#app/account/oauth/connections.ts'
import { owesTeamMail, scheduleTeamMails } from '#app/account/team-mails.ts'
import type { PassTime } from '#app/billing/pass-time.ts'
import { createTestUpstream } from '#app/catalogue/test-upstream.ts'
import { createAuthenticateOperator } from '#app/identity/authenticate-operator.ts'
import { createNarrowGate, type NarrowGate } from '#app/identity/narrow-gate.ts'
import { createOperatorSecondFactor } from '#app/identity/operator-second-factor.ts'
import { createCheckCode } from '#app/identity/second-factor-codes.ts'
import { createSignInOperator } from '#app/identity/sign-in-operator.ts'
import { createSignInThrottle } from '#app/identity/sign-in-throttle.ts'
import { createSignOutOperator } from '#app/identity/sign-out-operator.ts'
import { createReadPublishedRoutes } from '#app/site/published-routes.ts'
import { createReadSite } from '#app/site/read-site.ts'
import { Fault } from '#contract/outcome.ts'
import { createCrossOrigin } from '#control/cross-origin.ts'
import { createHealth, type HealthCheck } from '#control/health.ts'
import { createRequestGate } from '#control/request-gate.ts'
import { type ControlPlane, createControlPlane } from '#control/server.ts'
import { createEventPosition } from '#core/runtime/event-position.ts'
import { createIdempotency } from '#core/runtime/idempotency.ts'
import { createPermission } from '#core/runtime/permission.ts'
import { createSetupToken } from '#core/runtime/setup-token.ts'
import { permits } from '#domain/access/permits.ts'
import { clientAddressOf } from '#domain/address/client-address.ts'
import type { ServedCertificate } from '#ports/certificates.ts'
import type { LiveRequests } from '#ports/live-requests.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import { openDeclared } from './open-declared.ts'
import type { House } from './open-house.ts'
import { servicesOf } from './open-mcp.ts'
import { productVersion } from './product-version.ts'
import { createRouteTools } from './route-tools.ts'
import { trustedProxies } from './trusted-proxies.ts'

/** A control plane that keeps answers for a time. */
export interface OpenControlPlane extends ControlPlane {
  /** Deletes the answers that were kept long enough; to be called from time to time. */
  purge(): Promise<void>
  /** Waits until the work that answers did not wait for is done. */
  settle(): Promise<void>
}

/** The control plane of a house, without its listening socket. */
export function openControl(
  house: House,
  facts: {
    readonly metrics: ReturnType<typeof createPrometheusMetrics>
    readonly checks: Readonly<Record<string, HealthCheck>>
    readonly isDraining: () => boolean
    readonly testTime: PassTime | undefined
    readonly upstreams: () => Promise<readonly UpstreamStatus[]>
    readonly certificates: () => readonly ServedCertificate[]
    readonly liveRequests: LiveRequests
  },
): OpenControlPlane {
  const { clock, engine, ids, log, tokenDigest, passwordHash, cipher } = house
  const { records } = engine
  const { db, dialect } = house.database
  const trusts = trustedProxies(house.config.trustedProxies)
  if (!trusts.ok) throw new Fault('validation_error', trusts.message)
  const peer = createPeer(trusts.value)
  const throttle = createSignInThrottle({ clock })
  const gate = createNarrowGate({ mostAtOnce: 4, mostWaiting: 32 })
  const idempotency = createIdempotency({ db, dialect, cipher, tokenDigest, clock })
  const codes = createOneTimeCodes({ clock })
  const checkCode = createCheckCode({ invoke: engine.invoke, codes, tokenDigest }, 'operator')
  const accounts = openAccounts(house, gate, facts.metrics)
  const control = createControlPlane({
    engine,
    ids,
    clock,
    log,
    metrics: facts.metrics,
    idempotency,
    permission: createPermission({ db, dialect, modules: engine.modules, cipher, authorize: permits }),
    audit: house.audit,
    billing: house.billing,
    ledgerBook: house.billing.book,
    reportRevenue: house.billing.reportRevenue,
    credit: house.billing.credit,
    eventSets: house.billing.eventSets,
    ownBilling: house.billing.own,
    verifyInvoice: house.billing.verify,
    papers: house.billing.papers,
    alertProgress: house.keyDuties.readAlertProgress,
    exportMoney: house.billing.exportMoney,
    setupToken: createSetupToken({ db, tokenDigest, clock }),
    gate: createRequestGate({ clock, requestsPerMinute: house.config.controlRateLimit }),
    crossOrigin: createCrossOrigin(house.config.controlOrigins),
    withOrigin: house.origins.run,
    authenticate: createAuthenticateOperator({ records, tokenDigest, clock }),
    signIn: createSignInOperator({
      checkCode,
      records,
      invoke: engine.invoke,
      passwordHash,
      tokenDigest,
      throttle,
      gate,
      ids,
      clock,
    }),
    operatorFactor: createOperatorSecondFactor({
      ...house,
      records,
      invokeAll: engine.invokeAll,
      codes,
      checkCode,
      throttle,
      gate,
    }),
    accounts,
    signOut: createSignOutOperator({ invoke: engine.invoke }),
    health: createHealth({
      checks: facts.checks,
      isDraining: facts.isDraining,
      clock,
      startedAt: clock.now(),
      version: productVersion(),
    }),
    isMetricsPublic: () => house.config.isMetricsPublic,
    version: productVersion(),
    providers: house.providers.catalogue.health,
    catalogue: house.providers.catalogue,
    jobs: house.jobs.queue,
    payments: house.payments,
    testTime: facts.testTime,
    paymentMethods: house.payments.methods,
    setUpMethod: house.payments.setUpMethod,
    dummyPage: house.payments.dummyPage,
    sync: house.sync.jobs,
    reconcile: house.sync.reconcile,
    queueSync: house.sync.queue,
    mails: house.mails.preview,
    manageProviders: house.providers.manage,
    callCapability: house.providers.callAs,
    services: servicesOf(house),
    usageSummary: house.usageSummary,
    forecastMonth: house.forecastMonth,
    ownPlan: house.subscriptions.ownPlan,
    rehearse: house.subscriptions.rehearse,
    exploreUsage: house.exploreUsage,
    exploreLatency: house.exploreLatency,
    upstreams: facts.upstreams,
    certificates: facts.certificates,
    liveRequests: facts.liveRequests,
    ...createRouteTools(house),
    testUpstream: createTestUpstream({ http: createOutboundHttp(), clock }),
    ...openDeclared(engine),
    readSite: createReadSite({ records }),
    readPublishedRoutes: createReadPublishedRoutes({ records }),
    gatewayPort: house.config.gatewayPort,
    eventPosition: createEventPosition(db),
    authorize: permits,
    ...peer,
  })
  return { ...control, purge: idempotency.purge, settle: accounts.background.idle }
}

/** The accounts of people on a house. */
function openAccounts(house: House, gate: NarrowGate, metrics: Pick<Metrics, 'registration'>): Accounts {
  const { engine, clock, mails, jobs } = house
  const { records, invoke, invokeAll } = engine
  const accounts = createAccounts({
    ...house,
    ...house.keyDuties,
    records,
    invoke,
    invokeAll,
    metrics,
    gate,
    codes: createOneTimeCodes({ clock }),
    signedTokens: createSignedTokens({ secret: house.jwtSecret, clock }),
    sendMail: mails.send,
    connections: createConnections({
      records,
      capabilities: house.providers.capabilities,
      catalogue: house.providers.catalogue,
      openIdClient: createOpenIdClient({ http: createOutboundHttp(), clock, log: house.log }),
    }),
    readTxt: house.readTxt,
    note: engine.audit.note,
    baseUrl: async () => (await mails.brand()).baseUrl,
  })
  const { sendTeamMails: send, background } = accounts
  engine.onCommit((events) => {
    if (owesTeamMail(events)) background.start('team mails', send)
  })
  scheduleTeamMails({ queue: jobs.queue, readRecurrence: readCron, send })
  return accounts
}

const hostForm = /^([a-zA-Z0-9]([a-zA-Z0-9.-]{0,252})|\[[0-9a-fA-F:.]{2,45}\])(:\d{1,5})?$/

/** How the control plane sees its peers: what a trusted proxy says of its client, else the socket itself. */
function createPeer(trusts: (address: string) => boolean) {
  const socketAddress = ({ socket }: IncomingMessage): string =>
    (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const forwarded = (incoming: IncomingMessage, name: string): string | undefined => {
    const value = incoming.headers[name]
    return trusts(socketAddress(incoming)) && typeof value === 'string' ? value : undefined
  }
  const isSecure = (incoming: IncomingMessage): boolean =>
    'encrypted' in incoming.socket || forwarded(incoming, 'x-forwarded-proto') === 'https'
  return {
    isSecure,
    // Shown to people in addresses to copy: what is no plain host is not repeated.
    askedOrigin: (incoming: IncomingMessage): string => {
      const said =
        forwarded(incoming, 'x-forwarded-host') ?? incoming.headers.host ?? incoming.headers[':authority']
      const host = typeof said === 'string' && hostForm.test(said) ? said : 'localhost'
      return `${isSecure(incoming) ? 'https' : 'http'}://${host}`
    },
    clientAddress: (incoming: IncomingMessage): string => {
      const said = incoming.headers['x-forwarded-for']
      return clientAddressOf(socketAddress(incoming), typeof said === 'string' ? said : undefined, trusts)
    },
  }
}
