import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createCipher } from '#adapters/crypto/cipher.ts'
import { createIds } from '#adapters/crypto/ids.ts'
import { createKeyHash } from '#adapters/crypto/key-hash.ts'
import { createPasswordHashing } from '#adapters/crypto/password.ts'
import { createTokenDigest } from '#adapters/crypto/token-digest.ts'
import { createReadTxt } from '#adapters/dns/read-txt.ts'
import type { JournalFiles } from '#adapters/journal/segment-file.ts'
import { createLog } from '#adapters/log/pino-log.ts'
import { createOriginScope, type OriginScope } from '#adapters/request/origin-scope.ts'
import { createLeases } from '#adapters/sql/leases.ts'
import { type OpenDatabase, openDatabase } from '#adapters/sql/open-database.ts'
import { createPasswordHash } from '#app/identity/password-hash.ts'
import { createWatchOutages } from '#app/providers/watch-outages.ts'
import { type AuditDesk, createAuditDesk } from '#control/audit/audit-desk.ts'
import type { Engine } from '#core/engine.ts'
import type { OutboxConsumer } from '#core/runtime/dispatch.ts'
import { loadModules } from '#core/schema/load.ts'
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
import type { Config } from './config.ts'
import { type Billing, openBilling } from './open-billing.ts'
import { openEngine } from './open-engine.ts'
import { type Jobs, openJobs } from './open-jobs.ts'
import { type KeyDuties, openKeyDuties } from './open-key-duties.ts'
import { type Mails, openMails } from './open-mails.ts'
import { openPayments, type Payments } from './open-payments.ts'
import { loadProviders, openProviders, type Providers } from './open-providers.ts'
import { openSubscriptions, type Subscriptions } from './open-subscriptions.ts'
import { openSync, type Sync } from './open-sync.ts'
import { openUsage, type Usage } from './open-usage.ts'
import { createRouteCompilers } from './route-compilers.ts'
import { readSecrets } from './secrets.ts'
import { isInTestTime, openTestClock } from './test-clock.ts'
import type { ThreadOptions } from './workers/thread-handle.ts'

/** An instance, open but not serving: what the command line works on, and what serving is built on. */
export interface House extends Usage {
  readonly config: Config
  readonly engine: Engine
  /** Code of the operator's own that is called for events. */
  readonly reactions: CustomReactions
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
    const { engine, reactions } = await openEngine({
      config,
      modules,
      loaded,
      database,
      cipher,
      tokenDigest,
      passwordHashing,
      keyHash,
      expressions,
      validators,
      clock,
      ids,
      log,
      origins,
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
    const leases = createLeases(database.db)
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
    const usage = openUsage({ config, database, engine, clock, log })
    const { usageStore } = usage
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
    return {
      ...usage,
      config,
      engine,
      reactions,
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
      runId: randomBytes(6).toString('hex'),
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
