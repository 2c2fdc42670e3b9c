import { onTestFinished } from 'vitest'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { searchConformance } from './search.ts'

searchConformance('builtin on SQLite', async () => {
  const { house } = await providerHouse()
  return { capabilities: house.providers.capabilities }
})

searchConformance('builtin on PostgreSQL', async () => {
  const { url, remove } = await emptySchema()
  onTestFinished(remove)
  const { house } = await providerHouse({ env: { APIGATE_DATABASE_DSN: url } })
  return { capabilities: house.providers.capabilities }
})
