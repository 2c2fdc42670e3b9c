import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import { findProgram, start, untilListening } from '../process.ts'

/** A server under test: how it is called, and its process. */
export interface Contender {
  readonly name: string
  readonly url: string
  readonly pid: number
  stop(): void
}

const source = (file: string): string => join(import.meta.dirname, file)

async function contender(
  name: string,
  port: number,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Contender> {
  const child = start(command, args, 0, env)
  await untilListening(port)
  return { name, url: `http://127.0.0.1:${port}/x`, pid: child.pid ?? 0, stop: () => child.kill('SIGKILL') }
}

function nginxConfig(folder: string, server: string): string {
  const path = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')
  writeFileSync(
    path,
    `daemon off; master_process off; worker_processes 1; error_log /dev/null; pid ${folder}/pid;
    events { worker_connections 4096; }
    http { access_log off; keepalive_requests 100000000; ${temporary} ${server} }`,
  )
  return path
}

const body = JSON.stringify({
  city: 'Lagos',
  temperature_c: 31,
  conditions: 'thunderstorm',
  note: 'x'.repeat(120),
})

/** The upstream, on the processor of the load: nginx where it is installed, else a plain Node server. */
export async function startUpstream(port: number): Promise<() => void> {
  const nginx = findProgram('nginx')
  const folder = mkdtempSync(join(tmpdir(), 'apigate-bench-'))
  const answer = `server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${body}'; } }`
  const child =
    nginx === undefined
      ? start(process.execPath, [source('plain-upstream.ts'), String(port)], 1)
      : start(nginx, ['-c', nginxConfig(folder, answer), '-p', folder, '-e', '/dev/null'], 1)
  await untilListening(port)
  return () => child.kill('SIGKILL')
}

/** Bare nginx as a proxy with kept-alive upstream connections; undefined when it is not installed. */
export async function startNginx(port: number, upstreamPort: number): Promise<Contender | undefined> {
  const nginx = findProgram('nginx')
  if (nginx === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'apigate-bench-'))
  const server = `upstream back { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 100000000; }
    server { listen 127.0.0.1:${port}; location / {
      proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; } }`
  const args = ['-c', nginxConfig(folder, server), '-p', folder, '-e', '/dev/null']
  return contender('nginx proxy_pass', port, nginx, args)
}

/** http-proxy-3 without any policy. */
export const startHttpProxy = (port: number, upstreamPort: number): Promise<Contender> =>
  contender('http-proxy-3', port, process.execPath, [
    source('http-proxy.ts'),
    String(port),
    String(upstreamPort),
  ])

/** APIGate with everything on: key, token bucket, quota, metering, journal and usage table. */
export async function startApigate(
  port: number,
  upstreamPort: number,
): Promise<Contender & { readonly key: string }> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'apigate-bench-'))
  const config = readConfig({ APIGATE_LOG_LEVEL: 'error' }, { dataDirectory })
  if (!config.ok) throw new Error(config.message)
  const house = await openHouse(config.value)
  const create = async (module: string, input: Record<string, unknown>) => {
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
  const plan = { name: 'bench', rate_limit_per_minute: 100_000_000, requests_per_month: 1_000_000_000_000 }
  await create('plan', plan)
  await create('upstream', {
    name: 'bench',
    base_url: `http://127.0.0.1:${upstreamPort}`,
    max_idle_conns: 512,
  })
  await create('route', { name: 'bench', path_pattern: '/*', upstream_id: 'bench' })
  const user = await create('user', { email: 'bench@example.com', plan_id: 'bench' })
  const key = await create('api_key', { user_id: user.row.id })
  await house.close()
  const program = join(import.meta.dirname, '../../src/cmd/apigate.ts')
  const args = [program, 'serve', '--port', String(port), '--host', '127.0.0.1', '--data', dataDirectory]
  const running = await contender('apigate', port, process.execPath, args, { APIGATE_LOG_LEVEL: 'error' })
  return { ...running, key: String(key.once['key']) }
}
