import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeDataFolder, startApigate } from './run-apigate.ts'

let folder: ReturnType<typeof makeDataFolder>
let child: ChildProcess | undefined
let usualMask: number

beforeEach(() => {
  folder = makeDataFolder()
  usualMask = process.umask(0o022)
})

afterEach(async () => {
  process.umask(usualMask)
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  folder.remove()
})

function answering(started: ChildProcess): Promise<void> {
  let told = ''
  return new Promise((resolve, reject) => {
    for (const stream of [started.stdout, started.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        told += text
        if (/answers on http/.test(told)) resolve()
      })
    }
    started.once('close', () => reject(new Error(told)))
  })
}

it('a server writes nothing that others may read, also into a folder that was there and is open to all', async () => {
  chmodSync(folder.path, 0o755)
  child = startApigate(['serve', '--port', '0', '--host', '127.0.0.1', '--data', folder.path], {
    cwd: folder.path,
  })
  await answering(child)
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const names = files.map((file) => relative(folder.path, file))
  expect(names).toEqual(
    expect.arrayContaining([
      'apigate.db',
      'apigate.db-shm',
      'apigate.db-wal',
      'secrets.json',
      'server.lock',
      expect.stringMatching(/^journal\/.+\.journal$/),
    ]),
  )
  const open = files.filter((file) => (statSync(file).mode & 0o077) !== 0)
  expect(open).toEqual([])
})
