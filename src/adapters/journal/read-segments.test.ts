import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { usageEvent } from '#test/usage/usage-events.ts'
import { EventBatch } from './event-batch.ts'
import { openJournalSegments, readSlice, sealStale } from './read-segments.ts'

let directory: string
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'apigate-segments-'))
})
afterEach(() => fs.rmSync(directory, { recursive: true }))

const segment = 'usage-1-1-000001.journal'
/** A source and its event. */
const line = (id: string) => {
  const batch = new EventBatch()
  batch.add(usageEvent({ id }))
  return batch.text
}
const write = (text: string, name = segment) => fs.writeFileSync(join(directory, name), text)
const read = (offset = 0, limits = { maxEvents: 500, maxBytes: 4096 }) => {
  const slice = readSlice(join(directory, segment), offset, limits)
  return { ...slice, ids: slice?.events.map((event) => event.id) }
}

describe('reading', () => {
  test('a batch counts once it is whole, and reading goes on behind it', () => {
    write(`${line('a')}\n${line('b')}`)
    const first = read()
    expect(first).toMatchObject({ ids: ['a'], damaged: [], isEnded: false })
    expect(read(first.nextOffset)).toMatchObject({ ids: [], nextOffset: first.nextOffset })
    write(`${line('a')}\n${line('b')}${line('c')}\n`)
    expect(read(first.nextOffset)).toMatchObject({ ids: ['b', 'c'] })
  })

  test('a slice holds about as many events as allowed and never cuts a batch', () => {
    write(`${line('a')}${line('b')}\n${line('c')}\n${line('d')}${line('e')}${line('f')}\n`)
    const first = read(0, { maxEvents: 3, maxBytes: 4096 })
    expect(first.ids).toEqual(['a', 'b', 'c'])
    expect(read(first.nextOffset, { maxEvents: 2, maxBytes: 4096 }).ids).toEqual(['d', 'e', 'f'])
  })

  test('an ended segment is at its end only in the slice that reaches it', () => {
    write(`${line('a')}\n${line('b')}\n[0]\n\n`)
    const first = read(0, { maxEvents: 1, maxBytes: 4096 })
    expect(first).toMatchObject({ ids: ['a'], isEnded: false })
    expect(read(first.nextOffset)).toMatchObject({ ids: ['b'], isEnded: true })
  })

  test('a batch larger than a slice is still read', () => {
    const ids = Array.from({ length: 50 }, (_, index) => `use_${index}`)
    write(`${ids.map(line).join('')}\n`)
    expect(read(0, { maxEvents: 10, maxBytes: 100 }).ids).toEqual(ids)
  })

  test('a corrupt line is set apart and the lines around it count', () => {
    write(`${line('a')}\nno line\n${line('b')}\n[7]\n${line('c')}\n`)
    expect(read()).toMatchObject({ ids: ['a', 'b', 'c'], damaged: ['no line', '[7]'] })
  })

  test('a segment that is gone, and a directory that never was, are nothing', () => {
    const segments = openJournalSegments(join(directory, 'missing'))
    expect(segments.list()).toEqual([])
    expect(segments.read(segment, 0)).toBeUndefined()
    expect(() => segments.remove(segment)).not.toThrow()
  })

  test('only segments are listed, oldest first', () => {
    for (const name of [
      'usage-2-9-000001.journal',
      'usage-1-9-000002.journal',
      'usage-1-9-000001.journal',
      'x',
    ]) {
      write('', name)
    }
    write('', `${segment}.damaged`)
    expect(openJournalSegments(directory).list()).toEqual([
      'usage-1-9-000001.journal',
      'usage-1-9-000002.journal',
      'usage-2-9-000001.journal',
    ])
  })

  test('lines set aside outlive their segment', () => {
    const segments = openJournalSegments(directory)
    write('x')
    segments.keepDamaged(segment, ['one', 'two'])
    segments.remove(segment)
    expect(fs.readdirSync(directory)).toEqual([`${segment}.damaged`])
    expect(fs.readFileSync(join(directory, `${segment}.damaged`), 'utf8')).toBe('one\ntwo\n')
  })
})

describe('sealing what a killed process left', () => {
  test('whole lines of its last batch count, and the torn line is skipped', () => {
    const [source, event] = line('c').split('\n') as [string, string]
    write(`${line('a')}\n${line('b')}${source}\n${event.slice(0, 20)}`)
    expect(sealStale(directory, '2-2')).toEqual([segment])
    expect(read()).toMatchObject({ ids: ['a', 'b'], isEnded: true })
    expect(read().damaged?.join().endsWith(event.slice(0, 20))).toBe(true)
  })

  test('every place where the file may have been cut gives the whole lines before it', () => {
    const whole = `${line('a')}\n${line('b')}${line('c')}\n`
    for (let length = 0; length <= whole.length; length += 1) {
      write(whole.slice(0, length))
      sealStale(directory, '2-2')
      const { ids, isEnded, damaged } = read()
      const lines = whole.slice(0, length).split('\n')
      const complete = lines.filter((each) => each.startsWith('[2') && each.endsWith(']'))
      expect({ length, ids, isEnded }).toEqual({
        length,
        ids: ['a', 'b', 'c'].slice(0, complete.length),
        isEnded: true,
      })
      expect(damaged).toHaveLength(lines.filter((each) => each !== '' && !each.endsWith(']')).length)
    }
  })

  test('the own journal and ended segments stay as they are', () => {
    write('', 'usage-2-2-000001.journal')
    write(`${line('a')}\n`)
    sealStale(directory, '2-2')
    const sealed = fs.readFileSync(join(directory, segment), 'utf8')
    expect(sealStale(directory, '2-2')).toEqual([])
    expect(fs.readFileSync(join(directory, segment), 'utf8')).toBe(sealed)
    expect(fs.readFileSync(join(directory, 'usage-2-2-000001.journal'), 'utf8')).toBe('')
  })
})
