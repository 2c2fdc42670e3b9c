import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline as passOn, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { Fault } from '#contract/outcome.ts'
import { type BackupLine, backupLine } from './format.ts'

/**
 * Writes lines into a compressed file that only its owner may read. It has its name when it is complete and on the disk, and not before. Throws a Fault when
 * there is a file of that name.
 */
export async function writeBackup(path: string, lines: AsyncIterable<BackupLine>): Promise<void> {
  if (existsSync(path)) throw new Fault('conflict', `${path} is there already: choose another name`)
  const partial = `${path}.partial`
  try {
    await pipeline(
      Readable.from(textOf(lines), { objectMode: false }),
      createGzip(),
      createWriteStream(partial, { mode: 0o600, flags: 'w' }),
    )
    const file = await open(partial, 'r')
    await file.sync()
    await file.close()
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

async function* textOf(lines: AsyncIterable<BackupLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`
}

/** The lines of a file, checked; throws a Fault that names the first one that cannot be read. */
export async function* readBackup(path: string): AsyncGenerator<BackupLine> {
  let number = 0
  try {
    for await (const line of linesOf(path)) {
      number += 1
      yield backupLine.parse(JSON.parse(line))
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const what = isMissing
      ? 'is not there'
      : `is damaged or no backup, from line ${number} on: take another one`
    throw new Fault('validation_error', `${path} ${what}`, { cause })
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const text = passOn(createReadStream(path), createGunzip(), () => undefined).setEncoding('utf8')
  let rest = ''
  for await (const part of text) {
    const lines = `${rest}${part}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}
