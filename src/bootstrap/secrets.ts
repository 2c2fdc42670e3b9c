import { hkdfSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '#contract/outcome.ts'
import type { Config } from './config.ts'

/** The three secrets of an instance, as 32 bytes each. */
export interface Secrets {
  readonly encryptionKey: Uint8Array
  readonly keyPepper: Uint8Array
  readonly jwt: Uint8Array
}

const hexSecret = z.string().regex(/^[0-9a-f]{64}$/)
const stored = z.object({ encryption_key: hexSecret, key_pepper: hexSecret, jwt_secret: hexSecret })

/** Takes the secrets from the environment, else from `secrets.json` in the data directory, which is made once, readable by its owner alone. */
export function readSecrets(config: Config): Secrets {
  const { encryptionKey, keyPepper, jwt } = config.secrets
  const kept = (): z.infer<typeof stored> => readOrMake(config.dataDirectory)
  return {
    encryptionKey: fromText(encryptionKey ?? kept().encryption_key, 'encryption'),
    keyPepper: fromText(keyPepper ?? kept().key_pepper, 'key pepper'),
    jwt: fromText(jwt ?? kept().jwt_secret, 'jwt'),
  }
}

function readOrMake(dataDirectory: string): z.infer<typeof stored> {
  const path = join(dataDirectory, 'secrets.json')
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const fresh = () => randomBytes(32).toString('hex')
  const made = { encryption_key: fresh(), key_pepper: fresh(), jwt_secret: fresh() }
  try {
    // Two processes that start at once must not end up with different secrets: only one of them creates the file.
    writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const parsed = stored.safeParse(jsonOf(readFileSync(path, 'utf8')))
  if (parsed.success) return parsed.data
  throw new Fault(
    'internal_error',
    `${path} is damaged: restore it from a backup, without it stored secrets cannot be read`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// 64 hex digits are taken as they are; any other text is stretched to a key of its own per purpose.
function fromText(text: string, purpose: string): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  return new Uint8Array(hkdfSync('sha256', text, 'apigate', purpose, 32))
}
