import { readFile, stat } from 'node:fs/promises'
import { UsageError } from '#core/channel/cli/usage-error.ts'

/** The text of a file that a command was given; a UsageError says why there is none. */
export async function readTextFile(file: string, mostBytes: number): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > mostBytes) throw new UsageError(`${file} is larger than ${mostBytes} bytes`)
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new UsageError(`there is no file ${file}`, { cause })
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder`, { cause })
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new UsageError(`${file} is not UTF-8 text`, { cause })
    throw cause
  }
}
