import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { createHouseWorker } from '#bootstrap/open-jobs.ts'

/** Sends mails and delivers them meanwhile; one line of standard output for each that was handed over. */
const [dataDirectory = '', prefix = ''] = process.argv.slice(2)
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const config = readConfig({}, { dataDirectory })
if (!config.ok) throw new Error(config.message)
const house = await openHouse(config.value, { log: quiet })
const worker = createHouseWorker(house, { jobDone() {}, jobsWaiting() {} })
house.jobs.queue.onEnqueued(worker.wake)
worker.start()
for (let n = 0; ; n++) {
  const name = `${prefix}${n}`
  await house.mails.send({
    template: 'password_changed',
    to: `${name}@example.com`,
    data: { name },
    dedupeKey: name,
  })
  await new Promise<void>((resolve) => process.stdout.write(`${name}\n`, () => resolve()))
}
