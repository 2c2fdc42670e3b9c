import { createSetupToken } from '#core/runtime/setup-token.ts'
import type { House } from './open-house.ts'

/** While nobody has an account, makes a token for the first one and answers it; a start puts a new one in the place of the one before. */
export async function offerSetup(house: House): Promise<string | undefined> {
  const { engine, ids, tokenDigest, clock } = house
  const setupToken = createSetupToken({ db: house.database.db, tokenDigest, clock })
  const { items } = await engine.records.list('operator', { limit: 1 })
  if (items.length > 0) {
    await setupToken.drop()
    return undefined
  }
  const token = `setup_${ids.randomHex(32)}`
  await setupToken.keep(token)
  return token
}
