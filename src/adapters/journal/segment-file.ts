import fs from 'node:fs'
import { join } from 'node:path'
import { endMarker } from './line.ts'

/** The calls to the file system that a segment is written with. */
export interface JournalFiles {
  open(path: string, flags: string): number
  write(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number
  truncate(fd: number, length: number): void
  close(fd: number): void
}

/** The real file system. */
export const nodeFiles: JournalFiles = {
  open: (path, flags) => fs.openSync(path, flags, 0o600),
  write: (fd, bytes, offset, length, position) => fs.writeSync(fd, bytes, offset, length, position),
  truncate: (fd, length) => fs.ftruncateSync(fd, length),
  close: (fd) => fs.closeSync(fd),
}

/** One segment, open for writing by this process alone. */
export interface SegmentFile {
  length(): number
  /** Appends a whole batch. When it throws, no byte of the batch is in the file or ever read from it. */
  append(text: string): void
  /** True when the file takes bytes again; leaves nothing in it. */
  probe(): boolean
  /** Marks the segment as complete where that is possible, and closes it. */
  end(): void
}

const probeBytes = Buffer.alloc(64 * 1024, ' ')

/** The file name of a segment. */
export const segmentName = (name: string, number: number): string =>
  `usage-${name}-${String(number).padStart(6, '0')}.journal`

/** Creates a segment that did not exist; throws when it cannot be created. */
export function createSegmentFile(directory: string, segment: string, files: JournalFiles): SegmentFile {
  const fd = files.open(join(directory, segment), 'wx')
  let buffer = Buffer.allocUnsafe(256 * 1024)
  let length = 0
  // Bytes of a failed write may stand behind `length`. Readers stop at the last empty line, which such bytes never hold.
  let hasRemains = false

  function encode(text: string): Uint8Array {
    if (text.length * 3 > buffer.length) buffer = Buffer.allocUnsafe(text.length * 3)
    return buffer.subarray(0, buffer.write(text))
  }

  function writeAll(bytes: Uint8Array): void {
    let written = 0
    while (written < bytes.length) {
      const count = files.write(fd, bytes, written, bytes.length - written, length + written)
      if (count === 0) throw new Error('the file takes no more bytes')
      written += count
    }
  }

  function cutRemains(): void {
    files.truncate(fd, length)
    hasRemains = false
  }

  function append(text: string): void {
    if (hasRemains) cutRemains()
    const bytes = encode(text)
    try {
      writeAll(bytes)
    } catch (cause) {
      hasRemains = true
      try {
        cutRemains()
      } catch {
        // Tried again before the next write.
      }
      throw cause
    }
    length += bytes.length
  }

  function probe(): boolean {
    try {
      cutRemains()
      hasRemains = true
      writeAll(probeBytes)
      cutRemains()
      return true
    } catch {
      return false
    }
  }

  function end(): void {
    try {
      append(endMarker)
    } catch {
      // A segment without its mark is sealed by the next start.
    }
    files.close(fd)
  }

  return { length: () => length, append, probe, end }
}
