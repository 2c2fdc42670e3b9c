import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createPrometheusMetrics } from '#adapters/metrics/prometheus.ts'
import { lockDataDirectory } from '#adapters/sql/data-lock.ts'
import { ensureFirstOperator } from '#app/identity/ensure-first-operator.ts'
import { Fault } from '#contract/outcome.ts'
import { createGatewayServer, type GatewayServer } from '#gateway/server.ts'
import type { Config } from './config.ts'
import { openControl } from './open-control.ts'
import { journalDirectory, openGateway } from './open-gateway.ts'
import { type House, type HouseParts, openHouse } from './open-house.ts'
import { startUsageThread } from './usage-thread.ts'

/** An instance that answers. */
export interface Running {
  readonly url: string
  readonly port: number
  readonly gatewayUrl: string
  /** The operator token that was made at the very first start; shown this once. */
  readonly firstToken: string | undefined
  readonly house: House
  /** Requests that the gateway is answering now. */
  active(): number
  /** Moves what is in the journal into the usage table. */
  drainUsage(): Promise<unknown>
  /** Lets requests finish, flushes the journal, and gives everything back. */
  close(): Promise<void>
}

const limits = {
  maxHeadBytes: 32_768,
  headTimeoutMs: 20_000,
  keepAliveTimeoutMs: 75_000,
  bodySilenceMs: 60_000,
}

const purgeEveryMs = 60 * 60_000

/** Starts an instance: locks its data, opens it, and answers on its ports. Everything is given back when a step fails. */
export async function serve(config: Config, parts: HouseParts = {}): Promise<Running> {
  const undo: (() => unknown)[] = []
  try {
    return await start(config, parts, undo)
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

async function start(config: Config, parts: HouseParts, undo: (() => unknown)[]): Promise<Running> {
  const lock = lockDataDirectory(config.dataDirectory)
  undo.push(lock.release)
  const house = await openHouse(config, parts)
  undo.push(house.close)
  const metrics = createPrometheusMetrics()
  const gateway = await openGateway(house, metrics, parts.journalFiles)
  undo.push(gateway.close)
  const usage = startUsageThread({
    databasePath: config.databasePath,
    journalDirectory: journalDirectory(house),
    log: house.log,
  })
  undo.push(usage.stop)
  const firstToken = await ensureFirstOperator({ records: house.engine.records, invoke: house.engine.invoke })

  let isDraining = false
  const control = openControl(house, {
    metrics,
    isDraining: () => isDraining,
    upstreams: gateway.upstreams,
    checks: {
      database: () => house.engine.lastSeq(),
      journal: async () => {
        if (!gateway.journal.isWritable())
          throw new Fault('service_unavailable', 'the usage journal cannot be written')
      },
      usage_writer: async () => {
        if (usage.lagMs() > 60_000)
          throw new Fault('service_unavailable', 'the usage writer is a minute behind')
      },
    },
  })
  const isShared = config.gatewayPort === undefined
  const door = createGatewayServer({
    handle: gateway.handle,
    control: isShared ? control.handle : undefined,
    claimsRoot: gateway.claimsRoot,
    metrics,
    newRequestId: () => house.ids.next('req'),
    log: house.log,
    limits,
  })
  const controlServer = isShared
    ? undefined
    : createServer({ maxHeaderSize: limits.maxHeadBytes }, control.handle)
  const gatewayPort = await listen(door.server, config.gatewayPort ?? config.port, config.host)
  undo.push(() => door.server.close())
  const port =
    controlServer === undefined ? gatewayPort : await listen(controlServer, config.port, config.host)
  const lagTimer = setInterval(() => metrics.journalLag(usage.lagMs() / 1000), 1_000)
  lagTimer.unref()
  const purgeTimer = setInterval(() => {
    control
      .purge()
      .catch((error: unknown) => house.log.warn({ error }, 'kept answers could not be purged; tried again'))
  }, purgeEveryMs)
  purgeTimer.unref()

  return {
    url: urlOf(config.host, port),
    port,
    gatewayUrl: urlOf(config.host, gatewayPort),
    firstToken,
    house,
    active: door.active,
    drainUsage: usage.drain,
    async close() {
      isDraining = true
      clearInterval(lagTimer)
      clearInterval(purgeTimer)
      await drainServers(door, controlServer, config.drainTimeoutMs)
      gateway.close()
      await usage.stop()
      await house.close()
      lock.release()
    },
  }
}

async function drainServers(
  door: GatewayServer,
  control: HttpServer | undefined,
  deadlineMs: number,
): Promise<void> {
  await door.drain(deadlineMs)
  if (control === undefined) return
  await new Promise<void>((resolve) => {
    control.close(() => resolve())
    control.closeAllConnections()
  })
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new Fault('conflict', listenProblem(cause, port, host), { cause }))
    })
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

function listenProblem(error: NodeJS.ErrnoException, port: number, host: string): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} is in use: choose another with --port, or stop what uses it`
  if (error.code === 'EACCES') return `Port ${port} needs more rights: choose one above 1023 with --port`
  return `Cannot listen on ${host}:${port}: ${error.message}`
}

function urlOf(host: string, port: number): string {
  const isAny = host === '0.0.0.0' || host === '::'
  const name = isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
