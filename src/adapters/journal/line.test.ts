import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { UsageEvent } from '#contract/usage-event.ts'
import { usageEvent } from '#test/usage/usage-events.ts'
import { BatchLines } from './batch-lines.ts'
import { EventBatch } from './event-batch.ts'

function written(events: readonly UsageEvent[]): string {
  const batch = new EventBatch()
  for (const event of events) expect(batch.add(event)).toBe(true)
  return Buffer.from(`${batch.text}\n`).toString()
}

function readBack(text: string): BatchLines {
  const read = new BatchLines()
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') read.endBatch()
    else read.take(line)
  }
  return read
}

const anyText = fc.string({ unit: 'binary' })
const anyCount = fc.oneof(fc.nat(2000), fc.maxSafeNat())
const anyEvent = fc.record({
  id: anyText,
  at: anyCount,
  request_id: anyText,
  organization_id: fc.constantFrom('org_1', 'org_2'),
  api_id: fc.constantFrom('api_1', 'api\n2'),
  subscription_id: fc.constantFrom('sub_1', 'sub_2', ''),
  plan_id: fc.constantFrom('pln_1', '"pln"'),
  api_key_id: fc.constantFrom('key_1', 'key_2'),
  route_id: fc.constantFrom('rte_1', 'rte_2'),
  method: fc.stringMatching(/^[A-Z]{1,9}$/),
  path: anyText,
  status: fc.integer({ min: 100, max: 599 }),
  units: anyCount,
  request_bytes: anyCount,
  response_bytes: anyCount,
  duration_ms: anyCount,
})

test('events read back as they were written, whatever a client put into their texts and whoever they are of', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 20 }), (events) => {
      const text = written(events)
      expect(text.indexOf('\n\n')).toBe(text.length - 2)
      expect(readBack(text).events).toEqual(events)
    }),
  )
})

test('half a surrogate pair does not damage the line', () => {
  const event = usageEvent({ id: 'use_1', path: '/\ud800' })
  expect(readBack(written([event])).events).toEqual([event])
})

test('a batch says who called what once, and every batch anew', () => {
  const events = ['a', 'b', 'a', 'b', 'b'].map((id) => usageEvent({ id, api_key_id: `key_${id}` }))
  const text = written(events)
  expect(text.match(/^\["source"/gm)).toHaveLength(2)
  expect(readBack(text + text).events).toEqual([...events, ...events])
})

const [sourceLine, eventLine] = written([usageEvent({ id: 'use_1' })]).split('\n') as [string, string]

test('a batch knows nothing of the sources of the one before it', () => {
  const { events, damaged } = readBack(`${sourceLine}\n${eventLine}\n\n${eventLine}\n\n`)
  expect(events.map(({ id }) => id)).toEqual(['use_1'])
  expect(damaged).toEqual([eventLine])
})

test('the duration is kept in whole milliseconds', () => {
  expect(readBack(written([usageEvent({ id: 'use_1', duration_ms: 4.6 })])).events[0]?.duration_ms).toBe(5)
})

test.each([
  { units: Number.NaN },
  { units: -1 },
  { units: 0.5 },
  { response_bytes: Number.POSITIVE_INFINITY },
  { at: 2 ** 53 },
])('an event with %o is not taken into the batch', (wrong) => {
  const batch = new EventBatch()
  expect(batch.add(usageEvent({ id: 'use_1', ...wrong }))).toBe(false)
  expect(batch.text).toBe('')
})

test('an event that is cut short is no event', () => {
  for (let length = 1; length < eventLine.length; length += 1) {
    const { events, damaged } = readBack(`${sourceLine}\n${eventLine.slice(0, length)}\n`)
    expect({ events, damaged }).toEqual({
      events: [],
      damaged: [`${sourceLine}\n${eventLine.slice(0, length)}`],
    })
  }
  expect(readBack(`${sourceLine}\n${eventLine}\n`).events).toHaveLength(1)
})

test('an event whose source is cut short is damaged with it, and never counts for somebody else', () => {
  for (let length = 1; length < sourceLine.length; length += 1) {
    const cut = sourceLine.slice(0, length)
    const { events, damaged } = readBack(`${cut}\n${eventLine}\n`)
    expect({ events, damaged }).toEqual({ events: [], damaged: [cut, eventLine] })
  }
})

test.each([
  ['a source', sourceLine, (line: string) => `${line}\n${eventLine}\n`],
  ['an event', eventLine, (line: string) => `${sourceLine}\n${line}\n`],
])('a value of another kind in any place of %s makes it no event', (_name, line, textOf) => {
  const values: unknown[] = JSON.parse(line)
  expect(readBack(textOf(JSON.stringify(values))).events).toHaveLength(1)
  for (const place of values.keys()) {
    for (const wrong of [null, [], -1, 0.5, 'text', true]) {
      const isMark = place === 0
      if (!isMark && typeof wrong === 'string' && typeof values[place] === 'string') continue
      expect(readBack(textOf(JSON.stringify(values.with(place, wrong)))).events).toEqual([])
    }
    expect(readBack(textOf(JSON.stringify(values.toSpliced(place, 1)))).events).toEqual([])
  }
  expect(readBack(textOf(JSON.stringify([...values, 1]))).events).toEqual([])
})

test('what is damaged is set aside with who it may be of', () => {
  const { damaged } = readBack(`${sourceLine}\n${eventLine}\nx\ny\n\nz\n`)
  expect(damaged).toEqual([`${sourceLine}\nx`, 'y', 'z'])
})
