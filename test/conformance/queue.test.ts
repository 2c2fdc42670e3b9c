import type { Kysely } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import type { AtTheEnd } from '#test/support/at-the-end.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { queueConformance } from './queue.ts'

const openTwice = async (env: Record<string, string>, atTheEnd: AtTheEnd) => {
  const [clock, dataDirectory] = [frozenClock(), temporaryFolder(atTheEnd)]
  const [one, other] = [
    await providerHouse({ env, dataDirectory, clock, atTheEnd }),
    await providerHouse({ env, dataDirectory, clock, atTheEnd }),
  ]
  return {
    here: one.house.providers.capabilities,
    there: other.house.providers.capabilities,
    clock,
    async clear() {
      const db = one.house.database.db as never as Kysely<{ jobs: object; job_schedules: object }>
      await db.deleteFrom('jobs').execute()
      await db.deleteFrom('job_schedules').execute()
    },
  }
}

queueConformance('memory on SQLite', (atTheEnd) => openTwice({ QUEUE_PROVIDER: 'memory' }, atTheEnd))

queueConformance('memory on PostgreSQL', async (atTheEnd) => {
  const { url, remove } = await emptySchema()
  atTheEnd(remove)
  return openTwice({ QUEUE_PROVIDER: 'memory', APIGATE_DATABASE_DSN: url }, atTheEnd)
})

const day = 86_400_000

test.each(['SQLite', 'PostgreSQL'])(
  'a dead letter on %s is kept for as many days as the provider says, then forgotten; what waits is not',
  async (kind) => {
    const postgres = kind === 'SQLite' ? undefined : await emptySchema()
    if (postgres !== undefined) onTestFinished(postgres.remove)
    const env = postgres === undefined ? {} : { APIGATE_DATABASE_DSN: postgres.url }
    const { house, clock, set } = await providerHouse({ env })
    await set('queue.memory.keep_dead_days', '3')
    const queue = house.providers.capabilities.capability('queue')
    const take = async () => {
      const taken = await queue.take({ names: ['work'] })
      return taken.ok ? (taken.value.jobs as { job_id: string; lease: string }[]) : []
    }
    const counts = async () => {
      const counted = await queue.count({})
      return counted.ok ? counted.value : undefined
    }
    await queue.enqueue({ name: 'work', payload: {}, attempts: 1 })
    const [job] = await take()
    if (job === undefined) throw new Error('nothing was taken')
    const { job_id, lease } = job
    expect(await queue.fail({ job_id, lease, error: 'no' })).toMatchObject({ value: { state: 'dead' } })
    const later = new Date(clock.now() + 30 * day).toISOString()
    await queue.enqueue({ name: 'work', payload: {}, run_at: later })
    clock.advance(3 * day)
    await take()
    expect(await counts()).toEqual({ waiting: 1, running: 0, dead: 1 })
    clock.advance(3_600_000)
    await take()
    expect(await counts()).toEqual({ waiting: 1, running: 0, dead: 0 })
  },
)
