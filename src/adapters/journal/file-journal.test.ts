import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { usageEvent } from '#test/usage/usage-events.ts'
import { createFileJournal } from './file-journal.ts'
import { openJournalSegments } from './read-segments.ts'
import { type JournalFiles, nodeFiles } from './segment-file.ts'

let directory: string
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'apigate-journal-'))
})
afterEach(() => fs.rmSync(directory, { recursive: true }))

interface Fault {
  write?: 'refuse' | 'half' | 'little by little'
  truncate?: boolean
}

/** A journal whose turns of the event loop, clock and disk faults are in the test's hands. */
function openJournal(options: { maxSegmentBytes?: number } = {}) {
  const fault: Fault = {}
  const writes: number[] = []
  const turn: (() => void)[] = []
  const clock = { ms: 0, now: () => clock.ms }
  const failing: JournalFiles = {
    ...nodeFiles,
    write(fd, bytes, offset, length, position) {
      writes.push(length)
      if (fault.write === 'refuse') throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      if (fault.write === undefined) return nodeFiles.write(fd, bytes, offset, length, position)
      if (fault.write === 'half') fault.write = 'refuse'
      return nodeFiles.write(fd, bytes, offset, Math.max(1, length >> 1), position)
    },
    truncate(fd, length) {
      if (fault.truncate) throw Object.assign(new Error('i/o error'), { code: 'EIO' })
      nodeFiles.truncate(fd, length)
    },
  }
  const journal = createFileJournal({
    directory,
    name: '1-1',
    clock,
    files: failing,
    scheduleFlush: (flush) => turn.push(flush),
    ...options,
  })
  const answers: string[] = []
  return {
    journal,
    fault,
    writes,
    clock,
    answers,
    endTurn: () => {
      for (const flush of turn.splice(0)) flush()
    },
    append: (...ids: string[]) => {
      for (const id of ids) {
        journal.append(usageEvent({ id }), (error) => answers.push(error === undefined ? id : `${id} failed`))
      }
    },
  }
}

const text = (number = 1) => fs.readFileSync(join(directory, `usage-1-1-00000${number}.journal`), 'utf8')

function readIds(): string[] {
  const segments = openJournalSegments(directory)
  return segments.list().flatMap((segment) => {
    const ids: string[] = []
    for (let offset = 0; ; ) {
      const slice = segments.read(segment, offset)
      expect(slice?.damaged).toEqual([])
      ids.push(...(slice?.events.map((event) => event.id) ?? []))
      if (slice === undefined || slice.nextOffset === offset) return ids
      offset = slice.nextOffset
    }
  })
}

describe('batching', () => {
  test('all events of one turn are one write, and nobody is told before it', () => {
    const { append, endTurn, writes, answers } = openJournal()
    append('a', 'b', 'c')
    expect(writes).toEqual([])
    expect(answers).toEqual([])
    expect(text()).toBe('')
    endTurn()
    expect(writes).toHaveLength(1)
    expect(answers).toEqual(['a', 'b', 'c'])
    expect(readIds()).toEqual(['a', 'b', 'c'])
  })

  test('the bytes are in the file when the callback runs', () => {
    const { journal, endTurn } = openJournal()
    let seen: string[] = []
    journal.append(usageEvent({ id: 'a' }), () => {
      seen = readIds()
    })
    endTurn()
    expect(seen).toEqual(['a'])
  })

  test('a callback may append; its event is written in the next turn', () => {
    const { journal, append, endTurn, answers } = openJournal()
    journal.append(usageEvent({ id: 'a' }), () => append('b'))
    endTurn()
    expect(answers).toEqual([])
    endTurn()
    expect(answers).toEqual(['b'])
    expect(readIds()).toEqual(['a', 'b'])
  })

  test('the real event loop flushes by itself', async () => {
    const journal = createFileJournal({ directory, name: '1-1', clock: { now: () => 0 } })
    await new Promise((resolve) => journal.append(usageEvent({ id: 'a' }), resolve))
    expect(readIds()).toEqual(['a'])
    journal.close()
  })

  test('a very large turn is cut into several batches and keeps its order', () => {
    const { append, endTurn, answers } = openJournal()
    const ids = Array.from({ length: 1200 }, (_, index) => `use_${index}`)
    append(...ids)
    endTurn()
    expect(answers).toEqual(ids)
    expect(readIds()).toEqual(ids)
  })

  test('an event that could not be summed is refused and does not touch the others', () => {
    const { journal, append, endTurn, answers } = openJournal()
    append('a')
    journal.append(usageEvent({ id: 'b', units: Number.NaN }), (error) =>
      answers.push(String(error?.message)),
    )
    append('c')
    endTurn()
    expect(answers).toEqual(['a usage event holds a number that cannot be metered', 'a', 'c'])
    expect(readIds()).toEqual(['a', 'c'])
    expect(journal.isWritable()).toBe(true)
  })
})

describe('a disk that fails', () => {
  test.each(['refuse', 'half'] as const)('when a write ends in %s, nothing of the batch stays', (write) => {
    const { journal, fault, append, endTurn, answers } = openJournal()
    append('a')
    endTurn()
    const before = text()
    fault.write = write
    append('b', 'c')
    endTurn()
    expect(answers).toEqual(['a', 'b failed', 'c failed'])
    expect(text()).toBe(before)
    expect(journal.isWritable()).toBe(false)
    delete fault.write
    append('d')
    endTurn()
    expect(journal.isWritable()).toBe(true)
    expect(readIds()).toEqual(['a', 'd'])
  })

  test('a write that takes the bytes little by little is finished, not failed', () => {
    const { fault, append, endTurn, answers } = openJournal()
    fault.write = 'little by little'
    append('a', 'b')
    endTurn()
    expect(answers).toEqual(['a', 'b'])
    expect(readIds()).toEqual(['a', 'b'])
  })

  test('bytes that could not be cut off are never read, and are gone before the next batch', () => {
    const { journal, fault, append, endTurn, answers, clock } = openJournal()
    append('a')
    endTurn()
    fault.write = 'half'
    fault.truncate = true
    append(...Array.from({ length: 40 }, (_, index) => `lost_${index}`))
    endTurn()
    expect(text()).toContain('lost_3')
    expect(readIds()).toEqual(['a'])
    delete fault.write
    clock.ms += 1000
    expect(journal.isWritable()).toBe(false)
    append('refused')
    endTurn()
    expect(answers.at(-1)).toBe('refused failed')
    delete fault.truncate
    append('b')
    endTurn()
    expect(text()).not.toContain('lost')
    expect(readIds()).toEqual(['a', 'b'])
  })

  test('the journal finds out by itself when there is room again, asking the disk at most once a second', () => {
    const { journal, fault, append, endTurn, writes, clock } = openJournal()
    fault.write = 'refuse'
    append('a')
    endTurn()
    const attempts = writes.length
    expect(journal.isWritable()).toBe(false)
    clock.ms += 999
    expect(journal.isWritable()).toBe(false)
    expect(writes).toHaveLength(attempts)
    clock.ms += 1
    expect(journal.isWritable()).toBe(false)
    expect(journal.isWritable()).toBe(false)
    expect(writes).toHaveLength(attempts + 1)
    delete fault.write
    expect(journal.isWritable()).toBe(false)
    clock.ms += 1000
    expect(journal.isWritable()).toBe(true)
    expect(text()).toBe('')
  })
})

describe('segments', () => {
  test('a full segment is ended and the next one takes over', () => {
    const { append, endTurn } = openJournal({ maxSegmentBytes: 400 })
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      append(id)
      endTurn()
    }
    const segments = openJournalSegments(directory)
    expect(segments.list().length).toBeGreaterThan(1)
    expect(readIds()).toEqual(['a', 'b', 'c', 'd', 'e'])
    const ended = segments.list().map((segment) => segments.read(segment, 0)?.isEnded)
    expect(ended).toEqual([...ended.slice(1).map(() => true), false])
  })

  test('closing writes what is queued, ends the segment and refuses what comes later', async () => {
    const { journal, append, answers } = openJournal()
    append('a')
    journal.close()
    expect(answers).toEqual(['a'])
    expect(openJournalSegments(directory).read('usage-1-1-000001.journal', 0)).toMatchObject({
      isEnded: true,
    })
    expect(journal.isWritable()).toBe(false)
    const error = await new Promise((resolve) => journal.append(usageEvent({ id: 'b' }), resolve))
    expect(error).toBeInstanceOf(Error)
    expect(readIds()).toEqual(['a'])
  })

  test('two journals never share a segment', () => {
    openJournal()
    expect(() => openJournal()).toThrow(/EEXIST/)
  })
})
