import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { createHouseWorker } from '#bootstrap/open-jobs.ts'
import { accept } from '#contract/outcome.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { providerHouse } from '#test/support/provider-house.ts'

const child = new URL('./working-child.ts', import.meta.url).pathname
const metrics = { jobDone() {}, jobsWaiting() {} }

/** Runs processes that add jobs and do them, kills them all after so many were added, and answers which were. */
async function workAndKill(parameters: string[], prefixes: string[], dsn: string, killAfter: number) {
  const running = prefixes.map((prefix) =>
    spawn(process.execPath, [child, ...parameters, prefix, dsn], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  const added: string[] = []
  await Promise.all(
    running.map(async (one) => {
      for await (const line of createInterface(one.stdout)) {
        added.push(line)
        if (added.length === killAfter) for (const each of running) each.kill('SIGKILL')
      }
    }),
  )
  return added
}

test.each(['SQLite', 'PostgreSQL'])(
  'every job that was added is done, wherever two processes on one queue are killed (%s)',
  async (kind) => {
    const dataDirectory = temporaryFolder()
    const doneFile = join(dataDirectory, 'done')
    writeFileSync(doneFile, '')
    const database = kind === 'PostgreSQL' ? await emptySchema() : undefined
    if (database !== undefined) onTestFinished(database.remove)
    const dsn = database?.url ?? ''
    const env: Record<string, string> = dsn === '' ? {} : { APIGATE_DATABASE_DSN: dsn }
    const first = await providerHouse({ env, dataDirectory })
    await first.close()
    const added = [
      ...(await workAndKill([dataDirectory, doneFile], ['a', 'b'], dsn, 60)),
      ...(await workAndKill([dataDirectory, doneFile], ['c', 'd'], dsn, 35)),
    ]
    // The leases of those that were killed end an hour from now at the latest.
    const clock = frozenClock(new Date(Date.now() + 3_600_000).toISOString())
    const { house } = await providerHouse({ env, dataDirectory, clock })
    const later: string[] = []
    house.jobs.queue.register('work', async ({ payload }) => {
      later.push(String(payload['n']))
      return accept(undefined)
    })
    await createHouseWorker(house, metrics).runDue()
    const done = [...readFileSync(doneFile, 'utf8').split('\n').filter(Boolean), ...later]
    expect(added.filter((n) => !done.includes(n))).toEqual([])
    expect(added.length).toBeGreaterThanOrEqual(95)
    expect(await house.jobs.queue.list({ name: 'work' })).toMatchObject({ ok: true, value: { jobs: [] } })
    // What is done twice is at most what was under way at a kill: four jobs in each of four processes.
    expect(done.length - new Set(done).size).toBeLessThanOrEqual(16)
  },
)
