import { isAscii } from 'node:buffer'
import fs from 'node:fs'
import { join } from 'node:path'
import type { JournalSegments, SegmentSlice } from '#ports/journal.ts'
import { BatchLines } from './batch-lines.ts'
import { endMarker } from './line.ts'

/** How much one slice may hold; a single batch is never cut, also when it is larger. */
export interface SliceLimits {
  readonly maxEvents: number
  readonly maxBytes: number
}

const newline = 10
/** Longer than most lines: reading for a number of events hardly ever takes a second read. */
const roomyLineBytes = 192
const segmentPattern = /^usage-.+-\d{6,}\.journal$/

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Reads whole batches of a segment; undefined when the file is gone. Lines that are no event come back as damaged. */
export function readSlice(path: string, offset: number, limits: SliceLimits): SegmentSlice | undefined {
  let fd: number
  try {
    fd = fs.openSync(path, 'r')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    const size = fs.fstatSync(fd).size
    const { bytes, isAll } = readBatches(fd, offset, size, limits.maxBytes)
    const { events, damaged, length } = takeBatches(bytes, limits.maxEvents)
    const nextOffset = offset + length
    const isEnded = nextOffset >= size && endsWithMarker(fd, size)
    return { events, damaged, nextOffset, isEnded, hasMore: !isAll || length < bytes.length }
  } finally {
    fs.closeSync(fd)
  }
}

/** Bytes from the offset to the end of a batch, none when no batch is complete yet; `isAll` when they reach as far as the segment does. */
function readBatches(fd: number, offset: number, size: number, maxBytes: number) {
  for (let window = maxBytes; offset < size; window *= 2) {
    const bytes = readAt(fd, offset, Math.min(window, size - offset))
    const isAll = window >= size - offset
    const end = bytes.lastIndexOf('\n\n')
    if (end !== -1) return { bytes: bytes.subarray(0, end + 2), isAll }
    if (bytes[0] === newline) return { bytes: bytes.subarray(0, 1), isAll }
    if (isAll) break
  }
  return { bytes: Buffer.alloc(0), isAll: true }
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const count = fs.readSync(fd, bytes, filled, length - filled, offset + filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}

function takeBatches(bytes: Buffer, maxEvents: number) {
  // Byte for byte, because the offset counts bytes; nearly every path is ASCII, and needs no more.
  const text = bytes.toString('latin1')
  const isPlain = isAscii(bytes)
  const lines = new BatchLines()
  const { events, damaged } = lines
  let length = 0
  let eventsBefore = 0
  let damagedBefore = 0
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start)
    if (end !== start) {
      const line = isPlain ? text.slice(start, end) : bytes.toString('utf8', start, end)
      if (`${line}\n\n` !== endMarker) lines.take(line)
    } else {
      if (eventsBefore > 0 && events.length > maxEvents) {
        lines.cutBack(eventsBefore, damagedBefore)
        break
      }
      lines.endBatch()
      eventsBefore = events.length
      damagedBefore = damaged.length
      length = end + 1
    }
    start = end + 1
  }
  return { events, damaged, length }
}

function endsWithMarker(fd: number, size: number): boolean {
  const start = size - endMarker.length
  return start >= 0 && readAt(fd, start, endMarker.length).toString('latin1') === endMarker
}

/** The segments in a directory, in slices of about 500 events unless asked for another number; a missing directory holds none. */
export function openJournalSegments(directory: string): JournalSegments {
  return {
    list: () => listSegments(directory),
    read: (segment, offset, maxEvents = 500) =>
      readSlice(join(directory, segment), offset, { maxEvents, maxBytes: maxEvents * roomyLineBytes }),
    keepDamaged(segment, lines) {
      fs.appendFileSync(join(directory, `${segment}.damaged`), `${lines.join('\n')}\n`, { mode: 0o600 })
    },
    remove: (segment) => fs.rmSync(join(directory, segment), { force: true }),
  }
}

function listSegments(directory: string): string[] {
  try {
    return fs
      .readdirSync(directory)
      .filter((file) => segmentPattern.test(file))
      .sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/**
 * Ends the segments that killed processes left open, so that their last whole lines count and the files can go; answers
 * their names. Only for the one owner of the directory: no other process may be writing there. `exceptName` is its own journal.
 */
export function sealStale(directory: string, exceptName: string): readonly string[] {
  return sealEach(directory, (segment) => !segment.startsWith(`usage-${exceptName}-`))
}

/** The same for the one journal of a thread that has ended. */
export function sealJournal(directory: string, name: string): readonly string[] {
  return sealEach(directory, (segment) => segment.startsWith(`usage-${name}-`))
}

function sealEach(directory: string, isAbandoned: (segment: string) => boolean): readonly string[] {
  return listSegments(directory).filter((segment) => {
    if (!isAbandoned(segment)) return false
    const fd = fs.openSync(join(directory, segment), 'r+')
    try {
      const size = fs.fstatSync(fd).size
      if (endsWithMarker(fd, size)) return false
      fs.writeSync(fd, `\n${endMarker}`, size)
      return true
    } finally {
      fs.closeSync(fd)
    }
  })
}
