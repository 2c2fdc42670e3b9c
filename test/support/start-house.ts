import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConfigOverrides, readConfig } from '#bootstrap/config.ts'
import type { HouseParts } from '#bootstrap/open-house.ts'
import { type Running, serve } from '#bootstrap/serve.ts'
import type { UsageEvent } from '#contract/usage-event.ts'
import { askOverTls } from './ask-over-tls.ts'
import { emptySchema } from './postgres/schema.ts'
import { testsPostgres } from './test-database.ts'
import { watchedLog } from './watched-log.ts'

/** An answer of the control plane, parsed. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
  readonly body: any
}

/** A whole instance on a temporary directory, with an operator's hands; its end fails when its log has told a secret. */
export interface TestHouse {
  readonly running: Running
  readonly url: string
  readonly dataDirectory: string
  /** What other processes need in their environment to find the same database. */
  readonly databaseEnv: Readonly<Record<string, string>>
  /** The first operator token. */
  readonly token: string
  /** Calls the control plane as the operator. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>
  /** Creates a record and answers it; throws when it is refused. */
  create(plural: string, input: Record<string, unknown>): Promise<ApiAnswer['body']>
  /** Every usage event that is stored, after the journal was taken over. */
  usageEvents(): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

/** The schemas of data directories, for a second start on the same data. */
const schemas = new Map<string, string>()

async function databaseOf(dataDirectory: string): Promise<Record<string, string>> {
  if (!testsPostgres) return {}
  const url = schemas.get(dataDirectory) ?? (await emptySchema()).url
  schemas.set(dataDirectory, url)
  return { APIGATE_DATABASE_DSN: url }
}

/** Starts an instance on free ports; give `dataDirectory` to start a second time on the same data. */
export async function startHouse(
  parts: HouseParts & {
    overrides?: ConfigOverrides
    env?: Record<string, string>
    token?: string
    ca?: Buffer
  } = {},
): Promise<TestHouse> {
  const { overrides, env, token, ca, ...houseParts } = parts
  const dataDirectory = overrides?.dataDirectory ?? mkdtempSync(join(tmpdir(), 'apigate-'))
  const databaseEnv = await databaseOf(dataDirectory)
  const config = readConfig(
    { APIGATE_DRAIN_TIMEOUT_MS: '2000', ...databaseEnv, ...env },
    { host: '127.0.0.1', port: 0, ...overrides, dataDirectory },
  )
  if (!config.ok) throw new Error(config.message)
  const { log, watch, expectNoSecret } = watchedLog()
  // However busy the machine is, a change is on every worker before its writer is answered, and what is told of them is of now.
  const threads = { patienceMs: 30_000, ...houseParts.threads }
  const running = await serve(config.value, { log, ...houseParts, threads })
  const operatorToken = token ?? running.firstToken ?? ''

  const api: TestHouse['api'] = async (method, path, body, headers = {}) => {
    watch(body)
    const asked = {
      method,
      headers: {
        authorization: `Bearer ${operatorToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    const url = `${running.url}${path}`
    const response = ca === undefined ? await fetch(url, asked) : await askOverTls(url, { ...asked, ca })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }
  return {
    running,
    url: running.url,
    dataDirectory,
    databaseEnv,
    token: operatorToken,
    api,
    async create(plural, input) {
      const answer = await api('POST', `/api/${plural}`, input)
      if (answer.status !== 201) throw new Error(`${plural}: ${JSON.stringify(answer.body)}`)
      return answer.body.data
    },
    async usageEvents() {
      await running.drainUsage()
      const events: UsageEvent[] = []
      const query = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1000 }
      for (;;) {
        const after = events.at(-1)
        const page = await running.house.usageStore.events(after === undefined ? query : { ...query, after })
        events.push(...page)
        if (page.length < query.limit) return events.map((event) => ({ ...event }))
      }
    },
    async close() {
      await running.close()
      expectNoSecret()
      if (overrides?.dataDirectory === undefined) rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
}
