import { createServer } from 'node:net'
import type { Config } from '../config.ts'
import { testUpstream } from '../init.ts'
import type { Check, Examination } from './check.ts'
import { isUnmade, readDatabase } from './read-database.ts'

const answerTimeoutMs = 2000
const upstreamTimeoutMs = 5000
const atOnce = 8

/** Each port: free to listen on, or answered by APIGate already. */
export const examinePort: Examination = async (config) => {
  const ports = [config.port, ...(config.gatewayPort === undefined ? [] : [config.gatewayPort])]
  const checks: Check[] = []
  for (const [index, port] of ports.entries()) checks.push(await examineOne(config, port, index === 0))
  return checks
}

async function examineOne(config: Config, port: number, isControl: boolean): Promise<Check> {
  const name = isControl ? 'port' : 'gateway port'
  const failure = await listenFailure(port, config.host)
  if (failure === undefined) return { name, status: 'ok', message: `${port} is free on ${config.host}` }
  if (failure.code !== 'EADDRINUSE') {
    const message = `cannot listen on ${config.host}:${port}: ${failure.message}`
    return { name, status: 'fail', message, todo: 'choose another with --port or --host' }
  }
  if (await isApigate(port, config.host)) return { name, status: 'ok', message: `APIGate answers on ${port}` }
  if (!isControl) {
    return {
      name,
      status: 'warn',
      message: `${port} is taken`,
      todo: 'fine when the gateway runs; else choose another',
    }
  }
  const message = `another program listens on ${port}`
  return { name, status: 'fail', message, todo: 'end that program, or choose another port with --port' }
}

function listenFailure(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', resolve)
    probe.listen(port, host, () => probe.close(() => resolve(undefined)))
  })
}

async function isApigate(port: number, host: string): Promise<boolean> {
  const place = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  try {
    const signal = AbortSignal.timeout(answerTimeoutMs)
    const response = await fetch(`http://${place}:${port}/health/live`, { redirect: 'manual', signal })
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null && 'status' in body && 'version' in body
  } catch {
    return false
  }
}

/** Every enabled upstream answers something. */
export const examineUpstreams: Examination = async ({ databaseDsn }, say) => {
  if (isUnmade(databaseDsn)) return []
  const upstreams = await readUpstreams(databaseDsn)
  const checks: Check[] = []
  for (let start = 0; start < upstreams.length; start += atOnce) {
    const some = upstreams.slice(start, start + atOnce)
    say(`trying upstreams ${start + 1} to ${start + some.length} of ${upstreams.length} ...`)
    checks.push(...(await Promise.all(some.map(examineUpstream))))
  }
  return checks
}

interface Upstream {
  readonly name: string
  readonly url: string
}

async function readUpstreams(dsn: string): Promise<readonly Upstream[]> {
  try {
    return await readDatabase(dsn, async (reader) => {
      if (!reader.tables.has('upstreams')) return []
      const rows = await reader.rows(
        'select name, base_url from upstreams where enabled = true order by name',
      )
      return rows.map((row) => ({ name: String(row['name']), url: String(row['base_url']) }))
    })
  } catch {
    // A database that cannot be read has been reported before.
    return []
  }
}

async function examineUpstream({ name, url }: Upstream): Promise<Check> {
  const { isReachable, message } = await testUpstream(url, upstreamTimeoutMs)
  const check = { name: `upstream ${name}`, message }
  if (isReachable) return { ...check, status: 'ok' }
  const todo = `start it, or correct its address: apigate upstreams update ${name} --base-url ...`
  return { ...check, status: 'fail', todo }
}
