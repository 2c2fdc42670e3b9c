import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createIds } from '#adapters/crypto/ids.ts'
import { createKeyHash } from '#adapters/crypto/key-hash.ts'
import { createPasswordHashing } from '#adapters/crypto/password.ts'
import { createTokenDigest } from '#adapters/crypto/token-digest.ts'
import { createReadTxt } from '#adapters/dns/read-txt.ts'
import { createRecordCompiler } from '#adapters/expression/record-compiler.ts'
import { isPrivateHost } from '#adapters/http/private-address.ts'
import { openJournalSegments } from '#adapters/journal/read-segments.ts'
import type { JournalFiles } from '#adapters/journal/segment-file.ts'
import { createLog } from '#adapters/log/pino-log.ts'
import { createOriginScope, type OriginScope } from '#adapters/request/origin-scope.ts'
import { readCron } from '#adapters/schedule/cron.ts'
import { createLeases } from '#adapters/sql/leases.ts'
import { migrate } from '#adapters/sql/migrate.ts'
import { type OpenDatabase, openDatabase } from '#adapters/sql/open-database.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import { createBehaviours } from '#app/behaviours.ts'
import { createPasswordHash } from '#app/identity/password-hash.ts'
import { createWatchOutages } from '#app/providers/watch-outages.ts'
import { exploreUsage, type UsageOverTime } from '#app/usage/explore.ts'
import { exploreLatency, type LatencyOverTime, type LatencyQuestion } from '#app/usage/explore-latency.ts'
import { forecastMonth, type MonthForecast } from '#app/usage/forecast-month.ts'
import { type UsageSummary, usageSummary } from '#app/usage/summarize.ts'
import type { UsageQuestion } from '#app/usage/usage-question.ts'
import type { Outcome } from '#contract/outcome.ts'
import { type AuditDesk, createAuditDesk } from '#control/audit/audit-desk.ts'
import type { Engine } from '#core/engine.ts'
import { isSecretSetting } from '#core/provider/configuration.ts'
import { providersFor, shortName } from '#core/provider/definition.ts'
import { createEngine } from '#core/runtime/create-engine.ts'
import type { OutboxConsumer } from '#core/runtime/dispatch.ts'
import { loadCode } from '#core/runtime/load-code.ts'
import { applySeed } from '#core/runtime/seed.ts'
import { eventTypes } from '#core/schema/event-types.ts'
import { loadModules } from '#core/schema/load.ts'
import { syncSchema } from '#core/storage/sync.ts'
import { permits } from '#domain/access/permits.ts'
import type { BodyValidators } from '#ports/body-validator.ts'
import type { Cipher } from '#ports/cipher.ts'
import type { Clock, TestClock } from '#ports/clock.ts'
import type { CustomReactions } from '#ports/custom-behaviour.ts'
import type { ExpressionCompiler } from '#ports/expression.ts'
import type { KeyHash, PasswordHash, TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import type { OutboundHttp } from '#ports/outbound-http.ts'
import type { ReadTxt } from '#ports/read-txt.ts'
import type { UsageStore } from '#ports/usage-store.ts'
import { createRequestFeed, type RequestFeed } from '#worker/request-feed.ts'
import { createUsageWriter } from '#worker/usage-writer.ts'
import { type Config, ownModules } from './config.ts'
import { confirmSecrets } from './confirm-secrets.ts'
import { type Billing, openBilling } from './open-billing.ts'
import { type Jobs, openJobs } from './open-jobs.ts'
import { type KeyDuties, openKeyDuties } from './open-key-duties.ts'
import { type Mails, openMails } from './open-mails.ts'
import { openPayments, type Payments } from './open-payments.ts'
import { loadProviders, openProviders, type Providers } from './open-providers.ts'
import { openSubscriptions, type Subscriptions } from './open-subscriptions.ts'
import { openSync, type Sync } from './open-sync.ts'
import { createRouteCompilers } from './route-compilers.ts'
import { readSecrets } from './secrets.ts'
import { isInTestTime, openTestClock } from './test-clock.ts'
import type { ThreadOptions } from './workers/thread-handle.ts'

/** An instance, open but not serving: what the command line works on, and what serving is built on. */
export interface House {
  readonly config: Config
  readonly engine: Engine
  /** Code of the operator's own that is called for events. */
  readonly reactions: CustomReactions
  readonly usageStore: UsageStore
  readonly cipher: Cipher
  readonly tokenDigest: TokenDigest
  readonly passwordHash: PasswordHash
  readonly keyHash: KeyHash
  /** What bearer tokens of people are signed with. */
  readonly jwtSecret: Uint8Array
  readonly expressions: ExpressionCompiler
  readonly validators: BodyValidators
  /** What the DNS says. */
  readonly readTxt: ReadTxt
  readonly clock: Clock
  /** The clock, where its time can be moved. */
  readonly testClock: TestClock | undefined
  readonly ids: Ids
  readonly log: Log
  /** The outside services. */
  readonly providers: Providers
  /** Work that is done later. */
  readonly jobs: Jobs
  /** Messages to people. */
  readonly mails: Mails
  /** Invoices, the ledger and prepaid credit. */
  readonly billing: Billing
  /** What customers pay by. */
  readonly payments: Payments
  /** What is done about keys beside their module. */
  readonly keyDuties: KeyDuties
  /** Rows that are copied between data sources. */
  readonly sync: Sync
  /** What time does to subscriptions. */
  readonly subscriptions: Subscriptions
  readonly database: OpenDatabase
  /** The audit log for those who look at it. */
  readonly audit: AuditDesk
  /** Where the requests come from that are being answered. */
  readonly origins: OriginScope
  /** How often the commits of other processes are asked for, where it is not as usual. */
  readonly askEveryMs: number | undefined
  /** Tells this start from every other one, also from those of other nodes at the same moment. */
  readonly runId: string
  /** Usage over time; takes in what is still in the journal first. */
  exploreUsage(question: UsageQuestion): Promise<Outcome<UsageOverTime>>
  /** How long requests took; takes in what is still in the journal first. */
  exploreLatency(question: LatencyQuestion): Promise<Outcome<LatencyOverTime>>
  /** Usage and cost so far of a month; takes in what is still in the journal first. */
  usageSummary(query: { month?: string; organizationId?: string }): Promise<Outcome<UsageSummary>>
  /** What the rows of an organization's running month come to at its end, by subscription. */
  forecastMonth(
    rows: UsageSummary['rows'],
    organizationId: string,
  ): Promise<ReadonlyMap<string, MonthForecast>>
  /** The requests that are counted, for those who look on. */
  readonly requests: RequestFeed
  /** Moves what is in the journal into the usage table. */
  drainUsage(): Promise<unknown>
  close(): Promise<void>
}

/** What tests put in the place of the machine's own. */
export interface HouseParts {
  readonly clock?: Clock
  readonly log?: Log
  /** Who hears of committed events, beside the product's own. */
  readonly consumers?: readonly OutboxConsumer[]
  /** How webhooks reach their receivers. */
  readonly webhookHttp?: OutboundHttp
  /** The file system under the usage journal. */
  readonly journalFiles?: JournalFiles
  /** How the threads of workers are started. */
  readonly threads?: ThreadOptions
  /** How often it asks for the commits of other processes. */
  readonly askEveryMs?: number
  readonly readTxt?: ReadTxt
}

const migrations = resolve(import.meta.dirname, '../../migrations')

/** What was written in test time is read in it, too: otherwise it would lie in the future. */
const testClockOf = ({ hasTestClock, dataDirectory }: Config): TestClock | undefined =>
  hasTestClock || isInTestTime(dataDirectory) ? openTestClock(dataDirectory) : undefined

/** Opens the database, brings its tables up to the modules and migrations, and builds the engine on it. */
export async function openHouse(config: Config, parts: HouseParts = {}): Promise<House> {
  const log = parts.log ?? createLog({ level: config.logLevel, format: config.logFormat })
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 })
  const testClock = parts.clock === undefined ? testClockOf(config) : undefined
  const clock = parts.clock ?? testClock ?? { now: Date.now }
  const modules = await loadModules(config.moduleDirectories)
  const loaded = await loadProviders(config, modules)
  const secrets = readSecrets(config)
  const cipher = createCipher(secrets.encryptionKeys)
  const tokenDigest = createTokenDigest(secrets.keyPepper)
  const passwordHashing = createPasswordHashing()
  const keyHash = createKeyHash()
  const { expressions, validators } = createRouteCompilers()
  const ids = createIds(clock)
  const origins = createOriginScope()
  const database = await openDatabase(config.databaseDsn)
  try {
    const { db, dialect } = database
    const behaviours = createBehaviours({
      ids,
      tokenDigest,
      passwordHashing,
      keyHash,
      expressions,
      validators,
      readRecurrence: readCron,
      dataSources: [...loaded.providers.values()]
        .filter(({ module }) => module.meta.implements.includes('data_source'))
        .map(({ name }) => name),
      isSecretSetting: (key) => isSecretSetting(loaded.providers.values(), key),
      paymentProviders: providersFor(loaded.providers, { name: 'payment' })
        .filter(({ module }) => module.meta.provider.only !== 'testing')
        .map((provider) => shortName(provider, 'payment')),
      isPrivateHost,
    })
    const custom = config.moduleDirectories.filter((directory) => directory !== ownModules)
    const code = await loadCode(custom, Object.keys(behaviours), eventTypes(modules.values()))
    const engine = createEngine({
      db,
      dialect,
      modules,
      behaviours: { ...behaviours, ...code.behaviours },
      computations: code.computations,
      authorize: permits,
      clock,
      ids,
      cipher,
      log,
      origin: origins.current,
      expressions: createRecordCompiler(),
    })
    // Several nodes may start on the same empty database at once.
    await database.alone(async () => {
      await syncSchema(db, dialect, modules)
      await migrate(db, migrations, new Date(clock.now()))
      await confirmSecrets(db, cipher, tokenDigest)
      await engine.recompute()
      await applySeed({ engine, db, clock }, join(ownModules, 'seed.yaml'))
    })
    const passwordHash = createPasswordHash({ passwordHashing, records: engine.records })
    const providers = openProviders({
      config,
      loaded,
      engine,
      database,
      tokenDigest,
      passwordHash,
      clock,
      ids,
      log,
    })
    const jobs = openJobs({ capabilities: providers.capabilities, known: loaded.capabilities, ids })
    const leases = createLeases(db)
    const { tell, probe } = providers
    providers.watchBy(createWatchOutages({ queue: jobs.queue, leases, tell, probe, clock, ids, log }))
    const mails = openMails({ config, engine, cipher, tokenDigest, clock, ids, log, providers, jobs })
    const sync = openSync({
      records: engine.records,
      capabilities: providers.capabilities,
      queue: jobs.queue,
      invoke: engine.invoke,
      ids,
    })
    const usageStore = createUsageStore(db)
    const keyDuties = openKeyDuties({
      engine,
      jobs,
      mails,
      usageStore,
      tokenDigest,
      keyHash,
      ids,
      clock,
      log,
    })
    const subscriptions = openSubscriptions({ engine, queue: jobs.queue, clock, ids, log, usageStore })
    const billing = openBilling({
      engine,
      database,
      clock,
      ids,
      log,
      jobs,
      mails,
      usageStore,
      subscriptions,
    })
    const payments = openPayments({ database, engine, clock, ids, log, jobs, mails, billing, providers })
    const segments = openJournalSegments(join(config.dataDirectory, 'journal'))
    const requests = createRequestFeed()
    const writer = createUsageWriter({ segments, store: usageStore, clock, log, onStored: requests.note })
    return {
      config,
      engine,
      reactions: code.reactions,
      usageStore,
      keyDuties,
      cipher,
      tokenDigest,
      passwordHash,
      keyHash,
      jwtSecret: secrets.jwt,
      expressions,
      validators,
      askEveryMs: parts.askEveryMs,
      readTxt: parts.readTxt ?? createReadTxt(),
      clock,
      testClock,
      ids,
      log,
      providers,
      jobs,
      mails,
      billing,
      payments,
      sync,
      subscriptions,
      database,
      audit: createAuditDesk(engine.audit),
      origins,
      requests,
      drainUsage: writer.drain,
      runId: randomBytes(6).toString('hex'),
      async exploreUsage(question) {
        await writer.drain()
        return exploreUsage({ usageStore, records: engine.records, clock }, question)
      },
      async exploreLatency(question) {
        await writer.drain()
        return exploreLatency({ usageStore, records: engine.records, clock }, question)
      },
      async usageSummary(query) {
        await writer.drain()
        return usageSummary({ usageStore, records: engine.records, clock }, query)
      },
      forecastMonth: (rows, organizationId) =>
        forecastMonth({ usageStore, records: engine.records, clock }, rows, organizationId),
      async close() {
        await payments.idle()
        await providers.close()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}
