import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startApigate } from './gateway/apigate.ts'
import { machineLine } from './gateway/measure.ts'
import { startUpstream } from './gateway/servers.ts'
import { chooseLoad } from './load.ts'

// Resident memory of the server while it answers many requests; the usage of all of them is written meanwhile.

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000000' },
    connections: { type: 'string', default: '64' },
  },
})
const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

const load = chooseLoad()
const upstreamPort = 18_080
const stopUpstream = await startUpstream(upstreamPort)
const apigate = await startApigate(18_081, upstreamPort)

console.log(`${machineLine(load.name)}\n`)
console.log('| requests so far | resident MiB |')
console.log('|---:|---:|')
let sent = 0
let shownAt = 0
const total = Number(values.requests)
while (sent < total) {
  const { requests, errors } = await load.run(`${apigate.url}/x`, apigate.key, Number(values.connections), 5)
  if (errors > 0) console.log(`${errors} requests failed`)
  if (requests === 0) throw new Error('nothing was answered')
  sent += requests
  if (sent < shownAt && sent < total) continue
  shownAt += total / 10
  console.log(`| ${sent} | ${residentMiB(apigate.pid).toFixed(0)} |`)
}

apigate.stop()
stopUpstream()
process.exit(0)
