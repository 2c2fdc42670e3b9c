import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startApigate } from './gateway/apigate.ts'
import { machineLine, measureInTurn } from './gateway/measure.ts'
import { startNginx, startNginxLua } from './gateway/nginx.ts'
import { npmGateways, startCaddy, startNpmGateway, startUpstream } from './gateway/servers.ts'
import { chooseLoad } from './load.ts'

// CPU microseconds per proxied request of each server process, all measured in turn in one run, and their ratios.
// The server has one processor, load and upstream the other.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '32' },
    path: { type: 'string', default: '/x' },
    only: { type: 'string', default: 'nginx,lua,caddy,npm' },
    against: { type: 'string' },
  },
})
const only = new Set(values.only.split(','))
const upstreamPort = 18_080
const load = chooseLoad()
const stopUpstream = await startUpstream(upstreamPort)
const apigate = await startApigate(18_081, upstreamPort)
const peers = [
  only.has('nginx') ? await startNginx(18_082, upstreamPort) : undefined,
  only.has('lua') ? await startNginxLua(18_083, upstreamPort, apigate.key) : undefined,
  only.has('caddy') ? await startCaddy(18_084, upstreamPort) : undefined,
].filter((server) => server !== undefined)
if (only.has('npm'))
  for (const [index, name] of npmGateways.entries())
    peers.push(await startNpmGateway(name, 18_085 + index, upstreamPort))
if (values.against !== undefined) {
  const before = (await import(
    join(resolve(values.against), 'bench/gateway/apigate.ts')
  )) as typeof import('./gateway/apigate.ts')
  const started = await before.startApigate(18_089, upstreamPort)
  peers.push({ ...started, name: `apigate in ${values.against}` })
}
const servers = [apigate, ...peers]

const { connections, rounds, seconds, path } = values
console.log(
  `${machineLine(load.name)}; GET ${path}, ${connections} connections, ${rounds} rounds of ${seconds} s`,
)
console.log(
  'Missing peers are not installed (Debian: apt install wrk nginx-light libnginx-mod-http-lua caddy).\n',
)
const measured = await measureInTurn(servers, load.run, {
  key: apigate.key,
  path,
  connections: Number(connections),
  rounds: Number(rounds),
  seconds: Number(seconds),
})
const own = measured.get(apigate)?.microseconds ?? Number.NaN

console.log('| server | policy in it | CPU us/request | apigate costs | requests/s | p99 ms |')
console.log('|---|---|---:|---:|---:|---:|')
for (const [{ name, policy }, { microseconds, perSecond, p99Ms }] of measured) {
  const ratio = name === 'apigate' ? '' : `${(own / microseconds).toFixed(2)} x`
  const cost = microseconds.toFixed(1)
  console.log(`| ${name} | ${policy} | ${cost} | ${ratio} | ${Math.round(perSecond)} | ${p99Ms.toFixed(2)} |`)
}

for (const { stop } of servers) stop()
stopUpstream()
