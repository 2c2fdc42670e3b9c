import { createHash } from 'node:crypto'
import { constants, type Dirent } from 'node:fs'
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault } from '#contract/outcome.ts'

/** Files by key under one folder. */
export interface FileTree {
  /** Makes the folder, and removes what unfinished writes of processes that ended have left. */
  prepare(): Promise<void>
  /** Replaces a file in one step; answers a digest of its content. */
  write(key: string, contentType: string, data: Uint8Array): Promise<string>
  read(key: string): Promise<{ readonly contentType: string; readonly data: Buffer } | undefined>
  /** False when there was none. */
  remove(key: string): Promise<boolean>
  /** Files in the order of their keys' bytes: those that begin with `prefix` and come after `after`. */
  walk(prefix: string, after: string): AsyncIterable<{ readonly key: string; readonly size: number }>
}

// Neither can be part of a key, so that a file and a folder of the same name stand beside each other.
const folderMark = '='
const writing = '=writing'
const mostRaces = 5
const mostHeadBytes = 1024

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')

/**
 * A tree of files whose first line says their type, so that type and content are replaced together. `a/b` stands in the folder `a=`.
 */
export function createFileTree(deps: { readonly root: string; readonly newName: () => string }): FileTree {
  const { root } = deps
  let prepared: Promise<string> | undefined

  const prepare = async (): Promise<string> => {
    await mkdir(join(root, writing), { recursive: true, mode: 0o700 })
    const real = await realpath(root)
    for (const name of await readdir(join(real, writing))) {
      const file = join(real, writing, name)
      const found = await stat(file).catch(() => undefined)
      // Others may be writing at this moment.
      if (found !== undefined && Date.now() - found.mtimeMs > 3_600_000)
        await unlink(file).catch(() => undefined)
    }
    return real
  }
  const realRoot = (): Promise<string> => {
    prepared ??= prepare().catch((error: unknown) => {
      prepared = undefined
      throw error
    })
    return prepared
  }
  const pathOf = async (key: string): Promise<string> => {
    const parts = key.split('/')
    const folders = parts.slice(0, -1).map((part) => part + folderMark)
    return join(await realRoot(), ...folders, parts.at(-1) ?? '')
  }
  /** The folder that a path names is that folder and no link to another one. */
  const inside = async (path: string): Promise<void> => {
    const folder = dirname(path)
    if ((await realpath(folder)) !== folder)
      throw new Fault('internal_error', 'a folder of the storage is a link to another place')
  }

  return {
    async prepare() {
      await realRoot()
    },

    async write(key, contentType, data) {
      const path = await pathOf(key)
      const temporary = join(await realRoot(), writing, deps.newName())
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(`${JSON.stringify({ content_type: contentType })}\n`)
        await file.writeFile(data)
        await file.sync()
      } finally {
        await file.close()
      }
      for (let race = 1; ; race++) {
        try {
          await mkdir(dirname(path), { recursive: true, mode: 0o700 })
          await inside(path)
          await rename(temporary, path)
          break
        } catch (error) {
          // The last file of a folder takes the folder along when it is removed.
          if (isMissing(error) && race < mostRaces) continue
          await unlink(temporary).catch(() => undefined)
          throw error
        }
      }
      await syncFolder(dirname(path))
      return createHash('sha256').update(data).digest('hex')
    },

    async read(key) {
      const path = await pathOf(key)
      let file: FileHandle | undefined
      try {
        await inside(path)
        file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
        if (!(await file.stat()).isFile()) return undefined
        return parse(await file.readFile())
      } catch (error) {
        if (isMissing(error) || codeOf(error) === 'ELOOP') return undefined
        throw error
      } finally {
        await file?.close()
      }
    },

    async remove(key) {
      const path = await pathOf(key)
      try {
        await inside(path)
        await unlink(path)
      } catch (error) {
        if (isMissing(error)) return false
        throw error
      }
      const top = await realRoot()
      for (let folder = dirname(path); folder !== top; folder = dirname(folder)) {
        try {
          await rmdir(folder)
        } catch {
          break
        }
      }
      return true
    },

    async *walk(prefix, after) {
      yield* walkFolder(await realRoot(), '', prefix, after)
    },
  }
}

/** What a file says about itself, and the rest of it. */
function parse(whole: Buffer): { contentType: string; data: Buffer } {
  const end = whole.subarray(0, mostHeadBytes).indexOf(10)
  if (end === -1) throw new Fault('internal_error', 'a file of the storage was not written by the storage')
  const head = JSON.parse(whole.toString('utf8', 0, end)) as { content_type?: unknown }
  return { contentType: String(head.content_type), data: whole.subarray(end + 1) }
}

/** A new name is durable when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Folders stand in the order as if their mark were the slash that it stands for. */
const placeOf = (entry: Dirent): string =>
  entry.isDirectory() ? `${entry.name.slice(0, -folderMark.length)}/` : entry.name

async function* walkFolder(
  folder: string,
  start: string,
  prefix: string,
  after: string,
): AsyncGenerator<{ key: string; size: number }> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const found = entries
    .filter((entry) => (entry.isDirectory() ? entry.name.endsWith(folderMark) : entry.isFile()))
    .map((entry) => ({ entry, place: start + placeOf(entry) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
  for (const { entry, place } of found) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      const canMatch = place.startsWith(prefix) || prefix.startsWith(place)
      // Everything in a folder comes after `after`, or before it, unless `after` is in it.
      const isPast = place < after && !after.startsWith(place)
      if (canMatch && !isPast) yield* walkFolder(path, place, prefix, after)
    } else if (place.startsWith(prefix) && place > after) {
      const size = await contentSize(path)
      if (size !== undefined) yield { key: place, size }
    }
  }
}

/** The size without the first line; undefined when the file is gone. */
async function contentSize(path: string): Promise<number | undefined> {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    const { size } = await file.stat()
    const head = Buffer.alloc(mostHeadBytes)
    const { bytesRead } = await file.read(head, 0, mostHeadBytes, 0)
    const end = head.subarray(0, bytesRead).indexOf(10)
    return end === -1 ? undefined : size - end - 1
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'ELOOP') return undefined
    throw error
  } finally {
    await file?.close()
  }
}
