import { createFileJournal } from '#adapters/journal/file-journal.ts'
import { startUsageThread } from '#bootstrap/usage-thread.ts'
import { november, usageEvent } from './usage-events.ts'

/** Meters without end: prints the id of each event once it is acknowledged, and keeps only so many under way. */
const [databaseDsn = '', directory = '', name = '', inFlight = ''] = process.argv.slice(2)
const quiet = () => {}
const journal = createFileJournal({
  directory,
  name,
  clock: { now: Date.now },
  maxSegmentBytes: 100_000,
})
startUsageThread({
  databaseDsn,
  journalDirectory: directory,
  intervalMs: 5,
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
})

let last = 0
function meterOne(): void {
  last += 1
  const id = `${name}-${last}`
  journal.append(usageEvent({ id, at: november + last }), (error) => {
    if (error !== undefined) throw error
    process.stdout.write(`${id}\n`, meterOne)
  })
}
for (let started = 0; started < Number(inFlight); started += 1) meterOne()
