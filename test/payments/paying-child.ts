import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { createHouseWorker } from '#bootstrap/open-jobs.ts'

/**
 * Does every job that is due at a moment, some times over, and takes a credit note where one is asked for; dies by its own hand right
 * after so many commits, 0 never.
 */
const [dataDirectory = '', dsn = '', at = '', runs = '1', killAfter = '0', creditOf = ''] =
  process.argv.slice(2)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const config = readConfig(dsn === '' ? {} : { APIGATE_DATABASE_DSN: dsn }, { dataDirectory })
if (!config.ok) throw new Error(config.message)
const house = await openHouse(config.value, { log: quiet, clock: { now: () => Date.parse(at) } })
let commits = 0
house.engine.onCommit(() => {
  commits += 1
  if (commits === Number(killAfter)) process.kill(process.pid, 'SIGKILL')
})
const worker = createHouseWorker(house, { jobDone() {}, jobsWaiting() {} })
const mostRounds = 30
for (let run = 0; run < Number(runs); run += 1) {
  if (creditOf !== '')
    await house.billing.creditNote({
      invoiceId: creditOf,
      origin: 'crash',
      amountMinor: 200n,
      reason: 'An outage',
    })
  for (let round = 0; round < mostRounds; round += 1) {
    await house.payments.sweep()
    await house.payments.idle()
    if ((await worker.runDue()) === 0) break
  }
}
await house.close()
