import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { HouseParts } from '#bootstrap/open-house.ts'
import type { WatchTimes } from '#bootstrap/workers/watch-thread.ts'
import { ask } from '#test/support/bombard.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

/** Lines of the log that say that something is wrong. */
export interface Told {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** An instance with workers, and its warnings and errors. */
export interface WorkerHouse extends TestHouse {
  readonly told: readonly Told[]
  /** Which workers have written usage that is still in the journal. */
  servedBy(): ReadonlySet<string>
  /** Waits until every worker answers. */
  ready(): Promise<void>
  /** Spoils the thread of a worker: by an error that nobody catches, by using all its memory, or by work without end. */
  break(number: number, how: 'throw' | 'memory' | 'hang'): void
}

/** Starts an instance with so many workers, whose threads end when a test says so; `watch` is how soon one counts as hung. */
export async function startWorkers(
  workers: number,
  parts: Parameters<typeof startHouse>[0] & HouseParts = {},
  watch?: WatchTimes,
): Promise<WorkerHouse> {
  const told: Told[] = []
  const tell = (fields: object, message: string): void => void told.push({ message, fields: { ...fields } })
  const house = await startHouse({
    log: { debug() {}, info() {}, warn: tell, error: tell },
    threads: {
      execArgv: ['--import', new URL('./unruly-child.ts', import.meta.url).href],
      resourceLimits: { maxOldGenerationSizeMb: 96 },
      ...(watch === undefined ? {} : { watch }),
    },
    ...parts,
    env: { APIGATE_WORKERS: String(workers), ...parts.env },
  })
  const directory = join(house.dataDirectory, 'journal')
  return {
    ...house,
    told,
    servedBy: () =>
      new Set(
        readdirSync(directory)
          .filter((file) => statSync(join(directory, file)).size > 0)
          .map((file) => /-w(\d+)-/.exec(file)?.[1] ?? 'main'),
      ),
    ready: () => expect.poll(async () => (await ask(`${house.url}/health/ready`, ''))?.status).toBe(200),
    break(number, how) {
      const channel = new BroadcastChannel('unruly workers')
      channel.postMessage({ number, how })
      channel.close()
    },
  }
}
