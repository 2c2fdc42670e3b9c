import { constants } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CsvError, parse } from 'csv-parse'
import { accept, Fault, refuse } from '#contract/outcome.ts'
import type { OpenProviderCode, ProviderActions } from '#ports/capability/provider.ts'
import type { DataRow } from './row-order.ts'
import { type StreamSource, streamActions } from './stream-source.ts'

const tableForm = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/
const endings = ['csv', 'jsonl', 'ndjson']
const mostRowBytes = 1024 * 1024

/** Rows of the files in a folder, read as a stream: a file may be larger than the memory. */
export function createFileSource(): OpenProviderCode<ProviderActions<'data_source'>> {
  return ({ config }) => {
    const source = createFolder(resolve(String(config['path'])), String(config['delimiter']))
    return {
      actions: streamActions(source),
      async test() {
        await source.tables()
        return accept(undefined)
      },
    }
  }
}

function createFolder(folder: string, delimiter: string): StreamSource {
  const find = async (table: string): Promise<string | undefined> => {
    if (!tableForm.test(table)) return undefined
    for (const ending of endings) {
      const path = join(folder, `${table}.${ending}`)
      const found = await stat(path).catch(() => undefined)
      if (found?.isFile() === true) return path
    }
    return undefined
  }
  const pathOf = async (table: string): Promise<string> => {
    const path = await find(table)
    if (path === undefined) throw new Fault('not_found', `the file of ${table} is gone`)
    return path
  }
  return {
    async tables() {
      const names = await readdir(folder)
      const tables = names.flatMap((name) => {
        const [table = '', ending = ''] = name.split('.', 2)
        return endings.includes(ending) && `${table}.${ending}` === name && tableForm.test(table)
          ? [table]
          : []
      })
      return [...new Set(tables)].sort()
    },
    async check(table) {
      const path = await find(table)
      return path === undefined
        ? refuse('not_found', `There is no file for the table "${table}"`)
        : accept(undefined)
    },
    async version(table) {
      const { size, mtimeMs, ino } = await stat(await pathOf(table))
      return `${ino}-${size}-${mtimeMs}`
    },
    async *rows(table) {
      const path = await pathOf(table)
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      try {
        yield* path.endsWith('.csv') ? csvRows(file, delimiter) : jsonRows(file)
      } finally {
        await file.close()
      }
    },
  }
}

async function* csvRows(file: FileHandle, delimiter: string): AsyncGenerator<DataRow> {
  const bytes = file.createReadStream({ autoClose: false })
  const parser = parse({ columns: true, bom: true, delimiter, max_record_size: mostRowBytes })
  // The error of the file is the parser's, where somebody is listening.
  bytes.on('error', (error) => parser.destroy(error))
  try {
    yield* bytes.pipe(parser) as AsyncIterable<DataRow>
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new Fault('validation_error', `the file is no CSV: ${error.message.split('\n')[0]}`)
  } finally {
    bytes.destroy()
    parser.destroy()
  }
}

async function* jsonRows(file: FileHandle): AsyncGenerator<DataRow> {
  let number = 0
  for await (const line of lines(file)) {
    number += 1
    if (line.trim() === '') continue
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch {
      throw new Fault('validation_error', `line ${number} is not JSON`)
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new Fault('validation_error', `line ${number} is not an object`)
    yield row as DataRow
  }
}

async function* lines(file: FileHandle): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const part of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? part : Buffer.concat([rest, part])
    let start = 0
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, start)) {
      yield rest.toString('utf8', start, end)
      start = end + 1
    }
    rest = rest.subarray(start)
    if (rest.length > mostRowBytes)
      throw new Fault('payload_too_large', `a line has more than ${mostRowBytes} bytes`)
  }
  if (rest.length > 0) yield rest.toString('utf8')
}
