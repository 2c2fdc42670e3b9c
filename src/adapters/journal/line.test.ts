import fc from 'fast-check'
import { expect, test } from 'vitest'
import { usageEvent } from '#test/usage/usage-events.ts'
import { encodeEvent, parseEvent } from './line.ts'

const anyText = fc.string({ unit: 'binary' })

test('an event reads back as it was written, whatever a client put into its texts', () => {
  fc.assert(
    fc.property(
      anyText,
      anyText,
      fc.stringMatching(/^[A-Z]{1,9}$/),
      fc.maxSafeNat(),
      (path, id, method, units) => {
        const event = usageEvent({ id: 'use_1', path, request_id: id, method, units })
        const line = encodeEvent(event) ?? ''
        expect(line.indexOf('\n')).toBe(line.length - 1)
        expect(parseEvent(Buffer.from(line).toString().slice(0, -1))).toEqual(event)
      },
    ),
  )
})

test('half a surrogate pair does not damage the line', () => {
  const event = usageEvent({ id: 'use_1', path: '/\ud800' })
  expect(
    parseEvent(
      Buffer.from(encodeEvent(event) ?? '')
        .toString()
        .trimEnd(),
    ),
  ).toEqual(event)
})

test('the duration is kept in whole milliseconds', () => {
  const line = encodeEvent(usageEvent({ id: 'use_1', duration_ms: 4.6 })) ?? ''
  expect(parseEvent(line.trimEnd())?.duration_ms).toBe(5)
})

test.each([
  { units: Number.NaN },
  { units: -1 },
  { units: 0.5 },
  { response_bytes: Number.POSITIVE_INFINITY },
  { at: 2 ** 53 },
])('an event with %o has no line', (wrong) => {
  expect(encodeEvent(usageEvent({ id: 'use_1', ...wrong }))).toBeUndefined()
})

test('every line that is cut short or altered in its shape is no event', () => {
  const line = (encodeEvent(usageEvent({ id: 'use_1' })) ?? '').trimEnd()
  for (let length = 0; length < line.length; length += 1)
    expect(parseEvent(line.slice(0, length))).toBeUndefined()
  expect(parseEvent(line.replace('[1,', '[2,'))).toBeUndefined()
  expect(parseEvent(line.replace(',200,', ',"200",'))).toBeUndefined()
  expect(parseEvent(line.replace(',200,', ',-200,'))).toBeUndefined()
  expect(parseEvent(line.replace('"use_1"', '1'))).toBeUndefined()
  expect(parseEvent('{}')).toBeUndefined()
})

test('a value of another kind in any place makes a line no event', () => {
  const values: unknown[] = JSON.parse(encodeEvent(usageEvent({ id: 'use_1' })) ?? '')
  for (const place of values.keys()) {
    for (const wrong of [null, [], -1, 0.5, 'text', true]) {
      if (typeof wrong === 'string' && typeof values[place] === 'string') continue
      expect(parseEvent(JSON.stringify(values.with(place, wrong)))).toBeUndefined()
    }
  }
  expect(parseEvent(JSON.stringify([...values, 1]))).toBeUndefined()
  expect(parseEvent(JSON.stringify(values))).toBeDefined()
})
