import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, start, untilListening } from '../process.ts'
import { type Contender, contender } from './contender.ts'

const small = JSON.stringify({
  city: 'Lagos',
  temperature_c: 31,
  conditions: 'thunderstorm',
  note: 'x'.repeat(120),
})

/** The answers of the upstream: `/x` is about 200 bytes. */
export const bodies: Readonly<Record<string, number>> = {
  x: 0,
  '10k': 10_240,
  '1m': 1 << 20,
  '16m': 16 << 20,
}

function configFile(folder: string, server: string, modules = ''): string {
  const path = join(folder, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ')
  writeFileSync(
    path,
    `${modules} daemon off; master_process off; worker_processes 1; error_log /dev/null; pid ${folder}/pid;
    events { worker_connections 4096; }
    http { access_log off; sendfile on; keepalive_requests 100000000; client_max_body_size 100m; ${temporary} ${server} }`,
  )
  return path
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'apigate-bench-'))
const argsFor = (folder: string, server: string, modules?: string): readonly string[] => [
  '-c',
  configFile(folder, server, modules),
  '-p',
  folder,
  '-e',
  '/dev/null',
]

/** nginx as the upstream, on the processor of the load; undefined when it is not installed. */
export async function startNginxUpstream(port: number): Promise<(() => void) | undefined> {
  const nginx = findProgram('nginx')
  if (nginx === undefined) return undefined
  const folder = newFolder()
  for (const [name, bytes] of Object.entries(bodies))
    writeFileSync(join(folder, name), bytes === 0 ? small : 'x'.repeat(bytes))
  const server = `server { listen 127.0.0.1:${port}; default_type application/json; root ${folder};
    location = /x { return 200 '${small}'; } location / { } }`
  const child = start(nginx, argsFor(folder, server), 1)
  await untilListening(port)
  return () => child.kill('SIGKILL')
}

const proxy = (port: number, upstreamPort: number, policy = ''): string =>
  `upstream back { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 100000000; }
    server { listen 127.0.0.1:${port}; location / { ${policy}
      proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; } }`

/** Bare nginx as a proxy with kept-alive upstream connections; undefined when it is not installed. */
export async function startNginx(port: number, upstreamPort: number): Promise<Contender | undefined> {
  const nginx = findProgram('nginx')
  if (nginx === undefined) return undefined
  return contender('nginx proxy_pass', 'none', port, nginx, argsFor(newFolder(), proxy(port, upstreamPort)))
}

const luaModule = '/usr/lib/nginx/modules/ngx_http_lua_module.so'

/** nginx with Lua that looks the key up and counts the call in shared memory, and nothing else; undefined when it is not installed. */
export async function startNginxLua(
  port: number,
  upstreamPort: number,
  key: string,
): Promise<Contender | undefined> {
  const nginx = findProgram('nginx')
  if (nginx === undefined || !existsSync(luaModule)) return undefined
  const modules = `load_module /usr/lib/nginx/modules/ndk_http_module.so; load_module ${luaModule};`
  const shared = `lua_shared_dict keys 10m; lua_shared_dict counts 10m;
    init_by_lua_block { ngx.shared.keys:set("${key}", "org_1") }`
  const policy = `access_by_lua_block {
      local sent = ngx.var.http_authorization
      local owner = sent and ngx.shared.keys:get(string.sub(sent, 8))
      if not owner then return ngx.exit(401) end
      if ngx.shared.counts:incr(owner, 1, 0) > 1e12 then return ngx.exit(429) end
    }`
  const server = `${shared} ${proxy(port, upstreamPort, policy)}`
  return contender('nginx + Lua', 'key, counter', port, nginx, argsFor(newFolder(), server, modules))
}
