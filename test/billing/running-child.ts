import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'

/** Runs the biller at a moment, some times; dies by its own hand right after so many commits, 0 never. Prints what each run did. */
const [dataDirectory = '', dsn = '', at = '', runs = '1', killAfter = '0'] = process.argv.slice(2)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const config = readConfig(dsn === '' ? {} : { APIGATE_DATABASE_DSN: dsn }, { dataDirectory })
if (!config.ok) throw new Error(config.message)
const house = await openHouse(config.value, { log: quiet, clock: { now: () => Date.parse(at) } })
let commits = 0
house.engine.onCommit(() => {
  commits += 1
  if (commits === Number(killAfter)) process.kill(process.pid, 'SIGKILL')
})
for (let run = 0; run < Number(runs); run += 1)
  process.stdout.write(`${JSON.stringify(await house.billing.run())}\n`)
await house.close()
