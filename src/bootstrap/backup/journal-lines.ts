import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openJournalSegments } from '#adapters/journal/read-segments.ts'
import { segmentName } from '#adapters/journal/segment-file.ts'
import type { BackupLine } from '#core/backup/format.ts'

const mostCharacters = 1_000_000

/** Whole batches of every segment after the positions that are stored: usage that the database may not have yet. */
export function* readJournal(
  directory: string,
  positions: ReadonlyMap<string, number>,
): Generator<BackupLine> {
  for (const segment of openJournalSegments(directory).list()) {
    const bytes = readUnlessGone(join(directory, segment))
    // A batch ends with an empty line; what stands behind the last one is still being written.
    const end = bytes.lastIndexOf('\n\n')
    const whole = end === -1 ? '' : bytes.toString('utf8', positions.get(segment) ?? 0, end + 2)
    for (let start = 0; start < whole.length; ) {
      const cut = whole.lastIndexOf('\n\n', start + mostCharacters)
      const next = start + mostCharacters >= whole.length || cut < start ? whole.length : cut + 2
      yield { journal: segment, text: whole.slice(start, next) }
      start = next
    }
  }
}

/** Everything of a segment that was taken over meanwhile is in the database by now, which is read after this. */
function readUnlessGone(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return Buffer.alloc(0)
  }
}

/** Takes pieces of journals into one new segment, which the next start takes over; events that the database has are skipped there. */
export function keepJournal(directory: string): { add(segment: string, text: string): void; undo(): void } {
  const path = join(directory, segmentName(`restored-${randomBytes(6).toString('hex')}`, 1))
  return {
    add(_segment, text) {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      appendFileSync(path, text, { mode: 0o600 })
    },
    undo: () => rmSync(path, { force: true }),
  }
}
