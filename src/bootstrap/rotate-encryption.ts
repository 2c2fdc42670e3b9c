import { lockFile } from '#adapters/sql/data-lock.ts'
import { mailJob, sealContext } from '#app/mail/send-mail.ts'
import { systemActor } from '#contract/actor.ts'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { createWriteTurn } from '#core/runtime/write-turn.ts'
import { countStale, resealAll, type SealedColumn } from '#core/storage/reseal.ts'
import type { Config } from './config.ts'
import { remarkSecrets } from './confirm-secrets.ts'
import { type House, openHouse } from './open-house.ts'
import { addEncryptionKey, dropPreviousKeys } from './secrets.ts'

/** What a rotation has done. `isResumed` says that an earlier one was broken off. */
export interface Rotation {
  readonly resealed: number
  readonly isResumed: boolean
  /** True where the keys come from the environment: the former one has to be taken out there. */
  readonly isFromEnvironment: boolean
}

/** The part of a waiting mail that nobody else may read. */
const waitingMails: SealedColumn = {
  table: 'jobs',
  column: 'payload',
  key: ['id'],
  inside: { member: 'sealed', only: ['name', mailJob] },
  context: () => sealContext,
}

/** Writers that go on while this runs may use the former key once more; each round finds less. */
const mostRounds = 20

/**
 * Puts a new encryption key in the first place, seals everything again with it, sees that nothing is left of the former one, and only
 * then forgets that. Servers may run meanwhile; broken off anywhere it goes on where it was.
 */
export async function rotateEncryption(
  config: Config,
  parts: Parameters<typeof openHouse>[1],
  told: (line: string) => void,
): Promise<Outcome<Rotation>> {
  const isFromEnvironment = config.secrets.encryptionKey !== undefined
  if (isFromEnvironment && config.secrets.previousEncryptionKeys.length === 0)
    return refuse(
      'conflict',
      'The key comes from APIGATE_ENCRYPTION_KEY: put a new one there and the former one into APIGATE_ENCRYPTION_KEY_PREVIOUS, restart the servers, and run this again',
    )
  const lock = lockFile(config.dataDirectory, 'rotation.lock', 'Another rotation is running')
  let house: House | undefined
  try {
    house = await openHouse(config, parts)
    const isResumed = !isFromEnvironment && !addEncryptionKey(config.dataDirectory).isNew
    if (isResumed) told('An earlier rotation was broken off: going on with it.')
    await keep(house, 'begin')
    const resealed = await reseal(house, told)
    if (resealed === undefined)
      return refuse(
        'conflict',
        'A server still seals with the former key: give every server the keys of now, and run this again',
      )
    await remarkSecrets(house.database.db, house.cipher, house.tokenDigest)
    await keep(house, 'end')
    if (!isFromEnvironment) dropPreviousKeys(config.dataDirectory)
    return accept({ resealed, isResumed, isFromEnvironment })
  } finally {
    await house?.close()
    lock.release()
  }
}

/** Until nothing is left: how many texts, or undefined when somebody goes on to write with the former key. */
async function reseal(house: House, told: (line: string) => void): Promise<number | undefined> {
  const { database, engine, cipher } = house
  const write = createWriteTurn(database.db, database.dialect)
  const parts = { write, modules: engine.modules, cipher, more: [waitingMails] }
  let resealed = 0
  for (let round = 0; round < mostRounds; round += 1) {
    resealed += await resealAll(parts, (done) => told(`${resealed + done} sealed again`))
    if ((await countStale(parts)) === 0) return resealed
  }
  return undefined
}

const keep = ({ engine }: House, step: 'begin' | 'end'): Promise<void> =>
  engine.audit.note({
    actor: { kind: systemActor.kind, id: 'command-line' },
    action: 'keys.rotate_encryption',
    outcome: 'done',
    details: { step },
    requestId: 'command-line',
  })
