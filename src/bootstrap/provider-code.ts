import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Kysely } from 'kysely'
import { createBuiltinAuth, type SubjectOfSession } from '#adapters/provider/auth/builtin.ts'
import { createMemoryCache } from '#adapters/provider/cache/memory.ts'
import { createEmailLog } from '#adapters/provider/email/log.ts'
import { createNotificationLog } from '#adapters/provider/notification/log.ts'
import { createNotificationWebhook } from '#adapters/provider/notification/webhook.ts'
import { createDummyPayments } from '#adapters/provider/payment/dummy.ts'
import { createMemoryQueue } from '#adapters/provider/queue/memory.ts'
import { createReconciliation } from '#adapters/provider/reconciliation/default.ts'
import { createBuiltinSearch } from '#adapters/provider/search/builtin.ts'
import { createDiskStorage } from '#adapters/provider/storage/disk.ts'
import { createMemoryStorage } from '#adapters/provider/storage/memory.ts'
import { createTableSync } from '#adapters/provider/sync/table-sync.ts'
import type { ProviderDefinition } from '#core/provider/definition.ts'
import { SchemaFault } from '#core/schema/problem.ts'
import type { SqlDialect } from '#core/storage/dialect.ts'
import type { Tables } from '#core/storage/tables.ts'
import type { OpenProviderCode } from '#ports/capability/provider.ts'
import type { PasswordHash } from '#ports/hashing.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'

/** What the product's own providers are made with, beside what every provider is given. */
export interface ProviderCodeParts {
  readonly records: Records
  readonly invoke: Invoke
  readonly db: Kysely<Tables>
  readonly dialect: Pick<SqlDialect, 'name'>
  readonly passwordHash: PasswordHash
  readonly subjectOfSession: SubjectOfSession
  /** Whether operators want to hear of an event. */
  readonly wantsNotice: (event: string) => Promise<boolean>
  /** Where an instance keeps its files. */
  readonly dataDirectory: string
  /** The fields of a module that may be shown; undefined when there is no such module. */
  readonly fieldsOf: (module: string) => ReadonlySet<string> | undefined
}

type CreateProviderCode = (parts: ProviderCodeParts) => OpenProviderCode

/** Code whose library is loaded when somebody uses the provider: most never do, and each command would wait for it. */
const later =
  (load: () => Promise<CreateProviderCode>): CreateProviderCode =>
  (parts) =>
  async (host) =>
    (await load())(parts)(host)

/** The providers that the product implements in code, by the names of their modules. */
export const providerCode: Readonly<Record<string, CreateProviderCode>> = {
  auth_builtin: createBuiltinAuth,
  cache_memory: createMemoryCache,
  data_source_api: later(async () => (await import('#adapters/provider/data-source/api.ts')).createApiSource),
  data_source_database: later(
    async () => (await import('#adapters/provider/data-source/database.ts')).createDatabaseSource,
  ),
  data_source_file: later(
    async () => (await import('#adapters/provider/data-source/file.ts')).createFileSource,
  ),
  email_log: createEmailLog,
  notification_log: createNotificationLog,
  notification_webhook: createNotificationWebhook,
  oauth_github: later(async () => (await import('#adapters/provider/oauth/github.ts')).createGithubSignIn),
  oauth_google: later(async () => (await import('#adapters/provider/oauth/oidc.ts')).createOpenIdSignIn),
  oauth_oidc: later(async () => (await import('#adapters/provider/oauth/oidc.ts')).createOpenIdSignIn),
  payment_dummy: createDummyPayments,
  payment_lemonsqueezy: later(
    async () => (await import('#adapters/provider/payment/lemonsqueezy.ts')).createLemonPayments,
  ),
  payment_paddle: later(
    async () => (await import('#adapters/provider/payment/paddle.ts')).createPaddlePayments,
  ),
  payment_paystack: later(
    async () => (await import('#adapters/provider/payment/paystack.ts')).createPaystackPayments,
  ),
  payment_stripe: later(
    async () => (await import('#adapters/provider/payment/stripe.ts')).createStripePayments,
  ),
  reconciliation_default: createReconciliation,
  search_builtin: createBuiltinSearch,
  storage_disk: createDiskStorage,
  storage_memory: createMemoryStorage,
  table_sync: createTableSync,
  queue_memory: createMemoryQueue,
}

const isCode = (value: unknown): value is { readonly open: OpenProviderCode } =>
  typeof (value as { open?: unknown } | null)?.open === 'function'

async function loadFile({ module }: ProviderDefinition, code: string): Promise<OpenProviderCode> {
  const file = resolve(dirname(module.file), code)
  const problem = (message: string): SchemaFault =>
    new SchemaFault([{ file: module.file, line: 1, column: 1, field: 'meta.provider.code', message }])
  let loaded: unknown
  try {
    loaded = await import(pathToFileURL(file).href)
  } catch (error) {
    throw problem(`${file} cannot be loaded: ${(error as Error).message}`)
  }
  if (!isCode(loaded))
    throw problem(`${file} exports no function "open"; add "export function open(host) { … }"`)
  return loaded.open
}

/** Loads the code that users' providers name in their YAML; throws a SchemaFault for a file that has none. */
export async function loadProviderCode(
  providers: ReadonlyMap<string, ProviderDefinition>,
): Promise<ReadonlyMap<string, OpenProviderCode>> {
  const loaded = new Map<string, OpenProviderCode>()
  for (const provider of providers.values()) {
    const { code } = provider.module.meta.provider
    if (code !== undefined) loaded.set(provider.name, await loadFile(provider, code))
  }
  return loaded
}
