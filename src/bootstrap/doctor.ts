import type { Config } from './config.ts'
import type { Check, Examination } from './doctor/check.ts'
import { examineDatabase } from './doctor/database.ts'
import { examineJournal } from './doctor/journal.ts'
import { examineClock, examineDataDirectory, examineNode, examineSecrets } from './doctor/machine.ts'
import { examinePort, examineUpstreams } from './doctor/network.ts'

const examinations: readonly Examination[] = [
  examineNode,
  examineDataDirectory,
  examineSecrets,
  examineClock,
  examineDatabase,
  examineJournal,
  examinePort,
  examineUpstreams,
]

/** Examines an instance from the ground up, one finding after the other; changes nothing and never throws. `say` hears of long steps. */
export async function* examine(config: Config, say: (line: string) => void): AsyncGenerator<Check> {
  for (const examination of examinations) {
    try {
      yield* await examination(config, say)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      yield {
        name: examination.name,
        status: 'fail',
        message,
        todo: 'run again with APIGATE_DEBUG=1 and report this',
      }
    }
  }
}
