import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'

/** Runs the biller once at a moment, and says how long it took, how much memory it held and what it did. */
const [dataDirectory = '', at = ''] = process.argv.slice(2)
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
const config = readConfig({}, { dataDirectory })
if (!config.ok) throw new Error(config.message)
const house = await openHouse(config.value, { log: quiet, clock: { now: () => Date.parse(at) } })
let peak = process.memoryUsage().rss
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss)
}, 50)
const started = performance.now()
const cpu = process.cpuUsage()
const run = await house.billing.run()
const seconds = ((performance.now() - started) / 1000).toFixed(2)
const { user, system } = process.cpuUsage(cpu)
clearInterval(watch)
const megabytes = Math.round(Math.max(peak, process.memoryUsage().rss) / 1024 / 1024)
const check = await house.billing.checkLedger()
process.stdout.write(
  `${seconds} s, ${((user + system) / 1_000_000).toFixed(2)} s of processor time, at most ${megabytes} MB resident; ` +
    `${JSON.stringify(run)}; ledger ${check.ok && check.value.ok ? 'balanced' : 'NOT balanced'}\n`,
)
await house.close()
