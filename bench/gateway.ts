import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { startApigate, startHttpProxy, startNginx, startUpstream } from './gateway/servers.ts'
import { chooseLoad } from './load.ts'
import { cpuMicroseconds, median } from './process.ts'

// CPU microseconds per proxied request of each server process, all measured in turn in one run, and their ratios.
// The server has one processor, load and upstream the other.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '32' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const connections = Number(values.connections)

const ports = { upstream: 18_080, nginx: 18_081, httpProxy: 18_082, apigate: 18_083 }
const load = chooseLoad()
const stopUpstream = await startUpstream(ports.upstream)
const apigate = await startApigate(ports.apigate, ports.upstream)
const nginx = await startNginx(ports.nginx, ports.upstream)
const contenders = [
  apigate,
  ...(nginx === undefined ? [] : [nginx]),
  await startHttpProxy(ports.httpProxy, ports.upstream),
]

if (nginx === undefined)
  console.log('nginx is missing (Debian: apt install nginx-light), so there is no ratio to it.')
if (load.name !== 'wrk')
  console.log('wrk is missing (Debian: apt install wrk); autocannon sends the load instead.')
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, ${load.name}, ${connections} connections, ${rounds} rounds of ${seconds} s\n`,
)

interface Sample {
  readonly microseconds: number
  readonly perSecond: number
  readonly p99Ms: number
}
const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]))

for (const { url } of contenders) await load.run(url, apigate.key, connections, 2)
for (let round = 0; round < rounds; round++) {
  for (const { name, url, pid } of contenders) {
    const before = cpuMicroseconds(pid)
    const { requests, errors, p99Ms } = await load.run(url, apigate.key, connections, seconds)
    // The usage writer works on for a moment; what it does belongs to the requests before.
    await new Promise((resolve) => setTimeout(resolve, 700))
    if (errors > 0) console.log(`${name}: ${errors} of ${requests} requests failed`)
    const microseconds = (cpuMicroseconds(pid) - before) / requests
    samples.get(name)?.push({ microseconds, perSecond: requests / seconds, p99Ms })
  }
}

const figure = (name: string, pick: (sample: Sample) => number): number =>
  median((samples.get(name) ?? []).map(pick))
const cost = (name: string): number => figure(name, (sample) => sample.microseconds)

console.log('| server | policy in it | CPU us/request | apigate costs | requests/s | p99 ms |')
console.log('|---|---|---:|---:|---:|---:|')
for (const { name } of contenders) {
  const policy = name === 'apigate' ? 'key, bucket, quota, metering' : 'none'
  const ratio =
    name === 'apigate' ? '' : `${(cost(name) === 0 ? Number.NaN : cost('apigate') / cost(name)).toFixed(2)} x`
  const perSecond = Math.round(figure(name, (sample) => sample.perSecond))
  const p99 = figure(name, (sample) => sample.p99Ms).toFixed(2)
  console.log(`| ${name} | ${policy} | ${cost(name).toFixed(1)} | ${ratio} | ${perSecond} | ${p99} |`)
}

for (const { stop } of contenders) stop()
stopUpstream()
