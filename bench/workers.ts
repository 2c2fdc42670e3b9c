import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ApigateContender, startApigate } from './gateway/apigate.ts'
import { machineLine } from './gateway/measure.ts'
import { startUpstream } from './gateway/servers.ts'
import { chooseLoad } from './load.ts'
import { cpuMicroseconds, median, start, untilListening } from './process.ts'

// What a request costs on one thread, on two that share a port, and on two processes of Node's cluster: the same data plane each
// time, measured in turn in one run. Ratios to the one thread.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
    workers: { type: 'string', default: '2' },
    cpus: { type: 'string', default: '0' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

interface Setting {
  readonly name: string
  readonly url: string
  /** The process and, where there are any, its children. */
  pids(): readonly number[]
  stop(): void
}

interface Sample {
  readonly microseconds: number
  readonly perSecond: number
  readonly residentMiB: number
}

const alone = (name: string, { url, pid, stop }: ApigateContender): Setting => ({
  name,
  url,
  pids: () => [pid],
  stop,
})

/** Two processes of a cluster, each with the data plane of the same data. */
async function startCluster(port: number, { dataDirectory }: ApigateContender): Promise<Setting> {
  const args = [join(import.meta.dirname, 'workers/cluster.ts'), dataDirectory, String(port), values.workers]
  const child = start(process.execPath, args, values.cpus)
  await untilListening(port)
  const pid = child.pid ?? 0
  const children = (): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return {
    name: `${values.workers} processes of a cluster`,
    url: `http://127.0.0.1:${port}`,
    pids: () => [pid, ...children()],
    stop: () => child.kill('SIGTERM'),
  }
}

const residentMiB = (pid: number): number =>
  Number(/Pss:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

const upstreamPort = 18_090
const load = chooseLoad()
const stopUpstream = await startUpstream(upstreamPort)
const one = await startApigate(18_091, upstreamPort, { cpus: values.cpus })
const threads = await startApigate(18_092, upstreamPort, {
  cpus: values.cpus,
  args: ['--workers', values.workers],
})
// The cluster works on data of its own, which a server has made and left.
const left = await startApigate(18_093, upstreamPort)
left.stop()
const settings = new Map<Setting, string>([
  [alone('1 thread, the main one', one), one.key],
  [alone(`${values.workers} threads on a shared port`, threads), threads.key],
  [await startCluster(18_094, left), left.key],
])

console.log(
  `${machineLine(load.name)}; servers on processor ${values.cpus}, GET /x, ${values.connections} connections, ${rounds} rounds of ${seconds} s\n`,
)

async function measure({ name, url, pids }: Setting, key: string): Promise<Sample> {
  const before = sum(pids().map(cpuMicroseconds))
  const { requests, errors } = await load.run(`${url}/x`, key, Number(values.connections), seconds)
  // The usage writer works on for a moment; what it does belongs to the requests before.
  await new Promise((resolve) => setTimeout(resolve, 700))
  if (errors > 0) console.log(`${name}: ${errors} of ${requests} requests failed`)
  return {
    microseconds: (sum(pids().map(cpuMicroseconds)) - before) / requests,
    perSecond: requests / seconds,
    residentMiB: sum(pids().map(residentMiB)),
  }
}

const samples = new Map([...settings.keys()].map((setting) => [setting, [] as Sample[]]))
for (const [setting, key] of settings) await measure(setting, key)
for (let round = 0; round < rounds; round++)
  for (const [setting, key] of settings) samples.get(setting)?.push(await measure(setting, key))

const middle = (setting: Setting, pick: keyof Sample): number =>
  median((samples.get(setting) ?? []).map((sample) => sample[pick]))
const [base] = settings.keys()
const ratio = (setting: Setting, pick: keyof Sample): string =>
  base === undefined ? '' : `${(middle(setting, pick) / middle(base, pick)).toFixed(2)} x`

console.log('| setting | CPU a request | requests/s | memory |')
console.log('|---|---:|---:|---:|')
for (const setting of settings.keys()) {
  const { name } = setting
  console.log(
    `| ${name} | ${ratio(setting, 'microseconds')} | ${ratio(setting, 'perSecond')} | ${ratio(setting, 'residentMiB')} |`,
  )
}
for (const { stop } of settings.keys()) stop()
stopUpstream()
process.exit(0)
