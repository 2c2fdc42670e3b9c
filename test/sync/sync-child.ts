import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'

/** Runs a sync job until it is done or this process is killed; a line of standard output for each step. */
const [dataDirectory = '', name = '', dsn = ''] = process.argv.slice(2)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const config = readConfig(dsn === '' ? {} : { APIGATE_DATABASE_DSN: dsn }, { dataDirectory })
if (!config.ok) throw new Error(config.message)
const house = await openHouse(config.value, { log: quiet })
const outcome = await house.sync.jobs.run(name, {
  // Long lines, which the pipe holds a few of: it does not run away from a parent that is slow to read them.
  onProgress: ({ read }) => void process.stdout.write(`${String(read).padEnd(16_384)}\n`),
})
if (!outcome.ok) throw new Error(outcome.message)
await house.close()
