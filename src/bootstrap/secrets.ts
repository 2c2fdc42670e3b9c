import { hkdfSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '#contract/outcome.ts'
import type { Config } from './config.ts'

/** The secrets of an instance, as 32 bytes each. */
export interface Secrets {
  /** The key to seal with, then those of before that are still read; what another process has rotated is seen at once. */
  readonly encryptionKeys: () => readonly Uint8Array[]
  readonly keyPepper: Uint8Array
  readonly jwt: Uint8Array
}

const hexSecret = z.string().regex(/^[0-9a-f]{64}$/)
const stored = z.object({
  encryption_key: hexSecret,
  previous_encryption_keys: z.array(hexSecret).optional(),
  key_pepper: hexSecret,
  jwt_secret: hexSecret,
})
type Stored = z.infer<typeof stored>

const pathOf = (dataDirectory: string): string => join(dataDirectory, 'secrets.json')

/** Takes the secrets from the environment, else from `secrets.json` in the data directory, which is made once, readable by its owner alone. */
export function readSecrets(config: Config): Secrets {
  const { encryptionKey, previousEncryptionKeys, keyPepper, jwt } = config.secrets
  const kept = (): Stored => readOrMake(config.dataDirectory)
  const previous = previousEncryptionKeys.map((text) => fromText(text, 'encryption'))
  const given = encryptionKey === undefined ? undefined : [fromText(encryptionKey, 'encryption'), ...previous]
  if (given === undefined) kept()
  return {
    encryptionKeys: given === undefined ? followFile(config.dataDirectory, previous) : () => given,
    keyPepper: fromText(keyPepper ?? kept().key_pepper, 'key pepper'),
    jwt: fromText(jwt ?? kept().jwt_secret, 'jwt'),
  }
}

/** Reads the file again whenever another one stands in its place: a rotation replaces it while servers run. */
function followFile(dataDirectory: string, more: readonly Uint8Array[]): () => readonly Uint8Array[] {
  const path = pathOf(dataDirectory)
  let seen = ''
  let keys: readonly Uint8Array[] = []
  return () => {
    const stats = statSync(path, { throwIfNoEntry: false })
    // A file that has gone is no reason to stop a server that knows its keys.
    if (stats === undefined && keys.length > 0) return keys
    const now = `${stats?.ino} ${stats?.mtimeMs} ${stats?.size}`
    if (now === seen) return keys
    const file = readStored(dataDirectory)
    keys = [file.encryption_key, ...(file.previous_encryption_keys ?? [])].map((hex) =>
      Buffer.from(hex, 'hex'),
    )
    keys = [...keys, ...more]
    seen = now
    return keys
  }
}

/** Puts a new encryption key in the first place and keeps the former one for reading; one that is being rotated already stays. */
export function addEncryptionKey(dataDirectory: string): { readonly isNew: boolean } {
  const file = readStored(dataDirectory)
  if ((file.previous_encryption_keys ?? []).length > 0) return { isNew: false }
  replaceStored(dataDirectory, {
    ...file,
    encryption_key: randomBytes(32).toString('hex'),
    previous_encryption_keys: [file.encryption_key],
  })
  return { isNew: true }
}

/** Forgets the former encryption keys. */
export function dropPreviousKeys(dataDirectory: string): void {
  const { previous_encryption_keys: _, ...file } = readStored(dataDirectory)
  replaceStored(dataDirectory, file)
}

/** Whoever reads meanwhile sees the former file or the new one, also after a power failure. */
function replaceStored(dataDirectory: string, content: Stored): void {
  const path = pathOf(dataDirectory)
  const beside = `${path}.new`
  const file = openSync(beside, 'w', 0o600)
  try {
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
}

function readOrMake(dataDirectory: string): Stored {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const fresh = () => randomBytes(32).toString('hex')
  const made = { encryption_key: fresh(), key_pepper: fresh(), jwt_secret: fresh() }
  try {
    // Two processes that start at once must not end up with different secrets: only one of them creates the file.
    writeFileSync(pathOf(dataDirectory), `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    return made
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readStored(dataDirectory)
}

function readStored(dataDirectory: string): Stored {
  const path = pathOf(dataDirectory)
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
