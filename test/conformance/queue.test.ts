import { onTestFinished } from 'vitest'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { queueConformance } from './queue.ts'

const openTwice = async (env: Record<string, string>) => {
  const [clock, dataDirectory] = [frozenClock(), temporaryFolder()]
  const [one, other] = [
    await providerHouse({ env, dataDirectory, clock }),
    await providerHouse({ env, dataDirectory, clock }),
  ]
  return {
    here: one.house.providers.capabilities,
    there: other.house.providers.capabilities,
    clock,
  }
}

queueConformance('memory on SQLite', () => openTwice({ QUEUE_PROVIDER: 'memory' }))

queueConformance('memory on PostgreSQL', async () => {
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  return openTwice({ QUEUE_PROVIDER: 'memory', APIGATE_DATABASE_DSN: url })
})
