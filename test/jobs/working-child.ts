import { appendFileSync } from 'node:fs'
import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { createHouseWorker } from '#bootstrap/open-jobs.ts'
import { accept } from '#contract/outcome.ts'

/**
 * Adds jobs under names that the parent gives, one line of standard output for each that is in the queue, and does jobs meanwhile; each
 * one that is done leaves a line in a file before the queue hears of it.
 */
const [dataDirectory = '', doneFile = '', prefix = '', dsn = ''] = process.argv.slice(2)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const config = readConfig(dsn === '' ? {} : { APIGATE_DATABASE_DSN: dsn }, { dataDirectory })
if (!config.ok) throw new Error(config.message)
const house = await openHouse(config.value, { log: quiet })
const { queue } = house.jobs
queue.register('work', async ({ payload }) => {
  appendFileSync(doneFile, `${payload['n']}\n`)
  return accept(undefined)
})
const metrics = { jobDone() {}, jobsWaiting() {} }
const worker = createHouseWorker(house, metrics)
queue.onEnqueued(worker.wake)
worker.start()
for (let n = 0; ; n++) {
  const added = await queue.enqueue({ name: 'work', payload: { n: `${prefix}-${n}` } })
  if (!added.ok) throw new Error(added.message)
  await new Promise<void>((resolve) => process.stdout.write(`${prefix}-${n}\n`, () => resolve()))
}
