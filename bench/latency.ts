import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startApigate } from './gateway/apigate.ts'
import { machineLine } from './gateway/measure.ts'
import { startNginx, startNginxLua } from './gateway/nginx.ts'
import { npmGateways, startCaddy, startNpmGateway, startUpstream } from './gateway/servers.ts'
import { chooseLoad } from './load.ts'
import { findProgram, median } from './process.ts'

// Latency that each server adds to the upstream's own at a fixed rate of requests, measured in turn in one run.

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
  },
})
const upstreamPort = 18_080
const stopUpstream = await startUpstream(upstreamPort)
const apigate = await startApigate(18_081, upstreamPort)
const peers = [
  await startNginx(18_082, upstreamPort),
  await startNginxLua(18_083, upstreamPort, apigate.key),
  await startCaddy(18_084, upstreamPort),
  ...(await Promise.all(
    npmGateways.map((name, index) => startNpmGateway(name, 18_085 + index, upstreamPort)),
  )),
].filter((server) => server !== undefined)

interface Latency {
  readonly answered: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

function run(port: number): Promise<Latency> {
  const script = join(import.meta.dirname, 'latency/fixed-rate.ts')
  const args = [script, String(port), '/x', apigate.key, values.rate, values.seconds]
  const taskset = findProgram('taskset')
  const line = [...(taskset === undefined ? [] : [taskset, '-c', '1']), process.execPath, ...args]
  return new Promise((resolve, reject) => {
    execFile(line[0] ?? '', line.slice(1), (error, stdout) =>
      error === null ? resolve(JSON.parse(stdout) as Latency) : reject(error),
    )
  })
}

const targets = [
  { name: 'direct', port: upstreamPort },
  ...[apigate, ...peers].map(({ name, url }) => ({ name, port: Number(new URL(url).port) })),
]
// What a server compiles while it warms up is not what a request takes it.
const load = chooseLoad()
for (const { port } of targets) await load.run(`http://127.0.0.1:${port}/x`, apigate.key, 32, 5)
const found = new Map<string, Latency[]>(targets.map(({ name }) => [name, []]))
for (let round = 0; round < Number(values.rounds); round++)
  for (const { name, port } of targets) {
    const result = await run(port)
    if (result.failed > 0) console.log(`${name}: ${result.failed} requests failed`)
    found.get(name)?.push(result)
  }

const middle = (name: string, pick: 'p50' | 'p99' | 'p999'): number =>
  median((found.get(name) ?? []).map((one) => one[pick]))
const added = (name: string, pick: 'p50' | 'p99' | 'p999'): string =>
  name === 'direct' ? '' : String(Math.round(middle(name, pick) - middle('direct', pick)))

console.log(`${machineLine('our own sender')}; ${values.rate} requests a second, microseconds\n`)
console.log('| server | p50 | p99 | p99.9 | added p50 | added p99 |')
console.log('|---|---:|---:|---:|---:|---:|')
for (const { name } of targets) {
  const shown = (['p50', 'p99', 'p999'] as const).map((pick) => Math.round(middle(name, pick)))
  console.log(`| ${name} | ${shown.join(' | ')} | ${added(name, 'p50')} | ${added(name, 'p99')} |`)
}

for (const { stop } of [apigate, ...peers]) stop()
stopUpstream()
process.exit(0)
