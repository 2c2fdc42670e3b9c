import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createIds } from '#adapters/crypto/ids.ts'
import { createOneTimeCodes } from '#adapters/crypto/one-time-codes.ts'
import { createPasswordHashing } from '#adapters/crypto/password.ts'
import { createSignedTokens } from '#adapters/crypto/signed-tokens.ts'
import { createTokenDigest } from '#adapters/crypto/token-digest.ts'
import { createLog } from '#adapters/log/pino-log.ts'
import { createPrometheusMetrics } from '#adapters/metrics/prometheus.ts'
import { createOriginScope } from '#adapters/request/origin-scope.ts'
import { createAccounts } from '#app/account/accounts.ts'
import { offeredPlans } from '#app/billing/offered-plans.ts'
import { changeOwnPlan } from '#app/billing/own-plan.ts'
import { createAuthenticateOperator } from '#app/identity/authenticate-operator.ts'
import { createIdentityBehaviours } from '#app/identity/behaviours.ts'
import { ensureFirstOperator } from '#app/identity/ensure-first-operator.ts'
import { createNarrowGate } from '#app/identity/narrow-gate.ts'
import { createOperatorSecondFactor } from '#app/identity/operator-second-factor.ts'
import { createPasswordHash } from '#app/identity/password-hash.ts'
import { createCheckCode } from '#app/identity/second-factor-codes.ts'
import { createSignInOperator } from '#app/identity/sign-in-operator.ts'
import { createSignInThrottle } from '#app/identity/sign-in-throttle.ts'
import { createSignOutOperator } from '#app/identity/sign-out-operator.ts'
import type { Site } from '#app/site/read-site.ts'
import { accept, refuse } from '#contract/outcome.ts'
import { createAuditDesk } from '#control/audit/audit-desk.ts'
import { createCrossOrigin } from '#control/cross-origin.ts'
import { createHealth, type HealthCheck } from '#control/health.ts'
import type { LiveLimits } from '#control/live/listeners.ts'
import { createRequestGate } from '#control/request-gate.ts'
import { createControlPlane } from '#control/server.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import { createEventPosition } from '#core/runtime/event-position.ts'
import { createIdempotency } from '#core/runtime/idempotency.ts'
import { createPermission } from '#core/runtime/permission.ts'
import { createSetupToken } from '#core/runtime/setup-token.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import { permits } from '#domain/access/permits.ts'
import { openTestDatabase } from '#test/support/test-database.ts'
import { fixtureBehaviours, fixtureModules } from './modules.ts'

/** What a test may set: where requests seem to come from, what is healthy, whether the metrics are public. */
export interface Circumstances {
  address: string
  isSecure: boolean
  isDraining: boolean
  isMetricsPublic: boolean
  live: Partial<LiveLimits>
  checks: Record<string, HealthCheck>
}

/** An answer, read to its end; `body` is its JSON where it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into bodies of every shape
  readonly body: any
}

const plainSite: Site = {
  name: 'APIGate',
  colors: undefined,
  logoUrl: '',
  headline: '',
  text: '',
  supportEmail: '',
  baseUrl: '',
  apiUrl: '',
  isLandingShown: true,
  isRegistrationOpen: true,
  plans: [],
}

export type ControlHouse = Awaited<ReturnType<typeof startControl>>

/** A real control plane on a real socket over a database in memory; only the clock stands still. */
export async function startControl(change: Partial<Circumstances> = {}) {
  const circumstances: Circumstances = {
    address: '203.0.113.7',
    isSecure: false,
    isDraining: false,
    isMetricsPublic: false,
    live: {},
    checks: { database: async () => undefined },
    ...change,
  }
  const clock = { time: Date.UTC(2026, 10, 20, 9), now: () => clock.time }
  const lines: string[] = []
  const log = createLog({
    level: 'debug',
    format: 'json',
    destination: { write: (line) => void lines.push(line) },
  })
  const ids = createIds(clock)
  const cipher = createCipher(new Uint8Array(32).fill(1))
  const tokenDigest = createTokenDigest(new Uint8Array(32).fill(2))
  const hashes = createPasswordHashing({ memoryKib: 64, passes: 1 })
  const verifying: { now: number; most: number; until?: Promise<void> } = { now: 0, most: 0 }
  const passwordHashing: typeof hashes = {
    ...hashes,
    async verify(stored, password, kind) {
      verifying.now += 1
      verifying.most = Math.max(verifying.most, verifying.now)
      await verifying.until
      const matches = await hashes.verify(stored, password, kind)
      verifying.now -= 1
      return matches
    },
  }
  const origins = createOriginScope()
  const gates = { current: createRequestGate({ clock, requestsPerMinute: 0 }) }
  const fixture = await fixtureModules()
  const modules = await loadModules([fixture.directory])
  const { db, dialect, close } = await openTestDatabase()
  await syncSchema(db, dialect, modules)
  const behaviours = {
    ...createIdentityBehaviours({ ids, tokenDigest, passwordHashing }),
    ...fixtureBehaviours,
  }
  const engine = createEngine({
    db,
    dialect,
    modules,
    behaviours,
    authorize: permits,
    clock,
    ids,
    cipher,
    log,
    origin: origins.current,
  })
  const events: string[] = []
  engine.onCommit((committed) => void events.push(...committed.map((event) => event.type)))
  const token = (await ensureFirstOperator({ records: engine.records, invoke: engine.invoke })) ?? ''
  const metrics = createPrometheusMetrics()
  const throttle = createSignInThrottle({ clock })
  const { records, invoke } = engine
  const passwordHash = createPasswordHash({ passwordHashing, records })
  const idempotency = createIdempotency({ db, dialect, cipher, tokenDigest, clock })
  const gate = createNarrowGate({ mostAtOnce: 4, mostWaiting: 32 })
  const codes = createOneTimeCodes({ clock })
  const checkCode = createCheckCode({ invoke, codes, tokenDigest }, 'operator')
  const signIn = createSignInOperator({
    checkCode,
    records,
    invoke,
    passwordHash,
    tokenDigest,
    throttle,
    gate,
    ids,
    clock,
  })
  const control = createControlPlane({
    engine,
    testTime: undefined,
    rehearse: async () => refuse('not_found', 'nothing is rehearsed here'),
    ownPlan: {
      offered: ({ actor }) => offeredPlans(records, actor.organizationId),
      change: (keeper, wish) => changeOwnPlan({ records, invoke, clock }, keeper, wish),
      preview: async () => refuse('not_found', 'There are no subscriptions here'),
    },
    idempotency,
    permission: createPermission({ db, dialect, modules, cipher, authorize: permits }),
    audit: createAuditDesk(engine.audit),
    // The fixture has no modules of money.
    billing: {} as never,
    ledgerBook: {} as never,
    reportRevenue: async () => refuse('not_found', 'There is no money here'),
    credit: {} as never,
    ownBilling: {} as never,
    eventSets: async () => refuse('not_found', 'There are no invoices here'),
    papers: {} as never,
    alertProgress: async () => [],
    exportMoney: () => refuse('not_found', 'There is nothing to export here'),
    verifyInvoice: async () => refuse('not_found', 'There are no invoices here'),
    setupToken: createSetupToken({ db, tokenDigest, clock }),
    gate: { take: (sender) => gates.current.take(sender) },
    crossOrigin: createCrossOrigin(['https://admin.example.com']),
    withOrigin: origins.run,
    authenticate: createAuthenticateOperator({ records, tokenDigest, clock }),
    signIn,
    accounts: createAccounts({
      records,
      invoke,
      invokeAll: engine.invokeAll,
      passwordHash,
      tokenDigest,
      codes: createOneTimeCodes({ clock }),
      signedTokens: createSignedTokens({ secret: new Uint8Array(32).fill(3), clock }),
      sendMail: async () => undefined,
      cipher,
      connections: {
        list: async () => [],
        forEmail: async () => undefined,
        find: async () => refuse('not_found', 'There are no providers here'),
      },
      readTxt: async () => [],
      note: engine.audit.note,
      baseUrl: async () => '',
      metrics,
      gate,
      readSpending: async () => undefined,
      keyNotices: { revoked: async () => undefined, leaked: async () => undefined },
      reportLeaks: async () => ({ ok: true, value: undefined }),
      ids,
      clock,
      log,
    }),
    operatorFactor: createOperatorSecondFactor({
      records,
      invokeAll: engine.invokeAll,
      passwordHash,
      tokenDigest,
      codes,
      checkCode,
      throttle,
      gate,
      ids,
      clock,
    }),
    signOut: createSignOutOperator({ invoke }),
    ids,
    clock,
    log,
    metrics,
    health: createHealth({
      get checks() {
        return circumstances.checks
      },
      isDraining: () => circumstances.isDraining,
      clock,
      startedAt: clock.now(),
      version: '0.0.0-test',
      timeoutMs: 20,
    }),
    version: '0.0.0-test',
    isMetricsPublic: () => circumstances.isMetricsPublic,
    isSecure: () => circumstances.isSecure,
    clientAddress: () => circumstances.address,
    readSite: async () => plainSite,
    readPublishedRoutes: async () => [],
    askedOrigin: () => 'http://localhost',
    gatewayPort: undefined,
    providers: async () => ({ payment: { provider: 'dummy', status: 'connected' } }),
    upstreams: async () => [],
    certificates: () => [],
    liveRequests: { follow: () => () => undefined },
    catalogue: {
      list: async () => [],
      find: async () => refuse('not_found', 'There are no providers here'),
      test: async () => accept([]),
      check: async () => refuse('not_found', 'There are no providers here'),
      health: async () => ({}),
    },
    callCapability: async () => refuse('not_found', 'There are no providers here'),
    services: {
      capabilities: new Map(),
      mayCall: () => false,
      call: async () => refuse('not_found', 'There are no providers here'),
    },
    reconcile: async () => refuse('not_found', 'There is nothing to reconcile here'),
    payments: {
      receive: async () => refuse('not_found', 'There are no providers here'),
      initiate: async () => refuse('not_found', 'There are no providers here'),
      offered: async () => [],
    },
    paymentMethods: {
      list: async () => [],
      makeDefault: async () => refuse('not_found', 'There is no such payment method'),
      remove: async () => refuse('not_found', 'There is no such payment method'),
      pay: async () => refuse('not_found', 'There is no such invoice'),
    },
    setUpMethod: async () => refuse('not_found', 'There are no providers here'),
    dummyPage: {
      show: async () => refuse('not_found', 'There are no providers here'),
      decide: async () => refuse('not_found', 'There are no providers here'),
    },
    queueSync: async () => refuse('not_found', 'There is nothing to copy here'),
    sync: {
      list: async () => [],
      find: async () => refuse('not_found', 'There is nothing to copy here'),
      run: async () => refuse('not_found', 'There is nothing to copy here'),
      count: async () => undefined,
      reset: async () => refuse('not_found', 'There is nothing to copy here'),
    },
    jobs: {
      enqueue: async () => refuse('not_found', 'There are no jobs here'),
      register: () => undefined,
      recurring: () => undefined,
      list: async () => accept({ jobs: [], has_more: false }),
      retry: async () => refuse('not_found', 'There are no jobs here'),
      delete: async () => refuse('not_found', 'There are no jobs here'),
    },
    mails: {
      list: () => [],
      show: async () => refuse('not_found', 'There are no e-mails here'),
      test: async () => refuse('not_found', 'There are no e-mails here'),
    },
    manageProviders: {
      switchTo: async () => refuse('not_found', 'There are no providers here'),
      setEnabled: async () => refuse('not_found', 'There are no providers here'),
    },
    usageSummary: async ({ month = '', organizationId = '' }) =>
      accept({ month: `${month} of ${organizationId}`, rows: [] }),
    exploreUsage: async () => refuse('not_found', 'There is no usage here'),
    forecastMonth: async () => new Map(),
    exploreLatency: async () => refuse('not_found', 'There is no usage here'),
    declared: {
      plan: async () => refuse('not_found', 'There is nothing to declare here'),
      apply: async () => refuse('not_found', 'There is nothing to declare here'),
      dump: async () => 'version: 1\n',
    },
    declaredSchema: {},
    eventPosition: createEventPosition(db),
    authorize: permits,
    live: circumstances.live,
    importRoutes: async () => refuse('not_found', 'There are no routes here'),
    testRoute: async () => refuse('not_found', 'There are no routes here'),
    testUpstream: async () => refuse('not_found', 'There are no upstreams here'),
  })
  const server = createServer(control.handle).on('upgrade', control.handle.upgrade)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const bare = async (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(url + path, { redirect: 'manual', ...init, method })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== ''
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    }
  }
  const raw = (method: string, path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${token}`)
    return bare(method, path, { ...init, headers })
  }
  return {
    url,
    engine,
    control,
    clock,
    db,
    cipher,
    idempotency,
    signIn,
    /** Passwords that are being checked now, the most at once so far, and what all of them wait for. */
    verifying,
    metrics,
    tokenDigest,
    gates,
    circumstances,
    /** The operator token of the first start. */
    token,
    /** Types of the events committed so far. */
    events,
    /** Log lines written so far. */
    lines,
    /** Sends a request as it is, without credentials. */
    bare,
    /** Sends a request under the operator token. */
    raw,
    /** Sends JSON under the operator token. */
    send: (method: string, path: string, init: { body?: unknown; headers?: Record<string, string> } = {}) =>
      raw(method, path, {
        headers: {
          ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...init.headers,
        },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      }),
    async stop() {
      control.closeLive()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await close()
      await fixture.remove()
    },
  }
}
