import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { findProgram, start, untilListening } from '../process.ts'
import { type Contender, contender } from './contender.ts'
import { startNginxUpstream } from './nginx.ts'

/** The upstream, on the processor of the load: nginx where it is installed, else a plain Node server with small answers only. */
export async function startUpstream(port: number): Promise<() => void> {
  const nginx = await startNginxUpstream(port)
  if (nginx !== undefined) return nginx
  const child = start(process.execPath, [join(import.meta.dirname, 'plain-upstream.ts'), String(port)], 1)
  await untilListening(port)
  return () => child.kill('SIGKILL')
}

/** Caddy's reverse proxy; undefined when it is not installed. */
export async function startCaddy(port: number, upstreamPort: number): Promise<Contender | undefined> {
  const caddy = findProgram('caddy')
  if (caddy === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'apigate-bench-'))
  const path = join(folder, 'Caddyfile')
  writeFileSync(
    path,
    `{\n admin off\n auto_https off\n log {\n  level ERROR\n }\n}\nhttp://127.0.0.1:${port} {\n reverse_proxy 127.0.0.1:${upstreamPort}\n}\n`,
  )
  const args = ['run', '--config', path, '--adapter', 'caddyfile']
  return contender('Caddy', 'none', port, caddy, args, {
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    GOMAXPROCS: '1',
  })
}

const peers = resolve(import.meta.dirname, '../peers')

/** Gateways from npm that the bench can start. */
export const npmGateways = ['http-proxy-3', 'fastify-http-proxy', 'fast-gateway'] as const

/** A gateway from npm; all of them are installed beside the bench when the first one is asked for. */
export function startNpmGateway(
  name: (typeof npmGateways)[number],
  port: number,
  upstreamPort: number,
): Promise<Contender> {
  if (!existsSync(join(peers, 'node_modules')))
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: peers,
      stdio: 'ignore',
    })
  const args = [join(peers, `${name}.js`), String(port), String(upstreamPort)]
  return contender(name, 'none', port, process.execPath, args)
}
