import { Fault } from '#contract/outcome.ts'
import { productionProblems } from '#domain/production-readiness.ts'
import type { House } from './open-house.ts'

/** Stops the start of a production instance that would lose data or take nothing for money; development may do as it likes. */
export async function refuseInProduction({
  config,
  providers,
  testClock,
}: Pick<House, 'config' | 'providers' | 'testClock'>): Promise<void> {
  if (config.environment !== 'production') return
  const views = await providers.catalogue.list()
  const { jwt, encryptionKey, keyPepper } = config.secrets
  const problems = productionProblems({
    isInTestTime: testClock !== undefined,
    providers: views.filter((view) => view.is_active && view.is_enabled),
    nodes: config.nodes,
    secrets: {
      APIGATE_ENCRYPTION_KEY: encryptionKey,
      APIGATE_JWT_SECRET: jwt,
      APIGATE_KEY_PEPPER: keyPepper,
    },
  })
  if (problems.length > 0) throw new Fault('conflict', `production refuses to start:\n${problems.join('\n')}`)
}
