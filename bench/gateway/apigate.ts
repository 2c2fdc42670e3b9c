import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '#bootstrap/config.ts'
import { type House, openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import { type Contender, contender } from './contender.ts'

/** Creates a record and answers it with what is told only once. */
export type Create = (module: string, input: Record<string, unknown>) => ReturnType<typeof createIn>

async function createIn(house: House, module: string, input: Record<string, unknown>) {
  const made = await house.engine.invoke({
    actor: systemActor,
    requestId: 'bench',
    module,
    action: 'create',
    input,
  })
  if (!made.ok) throw new Error(made.message)
  return made.value
}

/** APIGate with everything on: key, token bucket, quota, metering, journal and usage table. */
export interface ApigateContender extends Contender {
  readonly key: string
  readonly dataDirectory: string
}

/** Starts APIGate on new data; `fill` may put more into it than the one customer that the load is sent as. */
export async function startApigate(
  port: number,
  upstreamPort: number,
  options: {
    readonly fill?: (create: Create) => Promise<void>
    readonly args?: readonly string[]
    readonly cpus?: string
  } = {},
): Promise<ApigateContender> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'apigate-bench-'))
  const config = readConfig({ APIGATE_LOG_LEVEL: 'error' }, { dataDirectory })
  if (!config.ok) throw new Error(config.message)
  const house = await openHouse(config.value)
  const create: Create = (module, input) => createIn(house, module, input)
  const plan = { name: 'bench', rate_limit_per_minute: 100_000_000, requests_per_month: 1_000_000_000_000 }
  await create('plan', plan)
  const base = `http://127.0.0.1:${upstreamPort}`
  await create('upstream', { name: 'bench', base_url: base, max_idle_conns: 512 })
  await create('route', { name: 'bench', path_pattern: '/*', upstream_id: 'bench' })
  const user = await create('user', { email: 'bench@example.com', plan_id: 'bench' })
  const key = await create('api_key', { user_id: user.row.id })
  await options.fill?.(create)
  await house.close()
  const program = join(import.meta.dirname, '../../src/cmd/apigate.ts')
  const serve = ['serve', '--port', String(port), '--host', '127.0.0.1', '--data', dataDirectory]
  const args = [program, ...serve, ...(options.args ?? [])]
  const policy = 'key, bucket, quota, metering'
  const env = { APIGATE_LOG_LEVEL: 'error' }
  const running = await contender('apigate', policy, port, process.execPath, args, env, options.cpus)
  // After the server, which `start` ends in the same way.
  process.on('exit', () => rmSync(dataDirectory, { recursive: true, force: true }))
  return { ...running, dataDirectory, key: String(key.once['key']) }
}
