import { expect, test } from 'vitest'
import { usageEvent } from '#test/usage/usage-events.ts'
import { createRequestSample } from './request-sample.ts'

const many = (count: number, status = 200) =>
  Array.from({ length: count }, (_, index) => usageEvent({ id: `use_${status}_${index}`, at: index, status }))

test('a few requests are all told, in their order, once', () => {
  const sample = createRequestSample()
  sample.note(many(3))
  sample.note(many(1, 502).map((event) => ({ ...event, at: 1 })))
  const seen = sample.take()
  expect(seen?.counted).toBe(4)
  expect(seen?.requests.map(({ at, status }) => [at, status])).toEqual([
    [0, 200],
    [1, 502],
    [1, 200],
    [2, 200],
  ])
  expect(sample.take()).toBeUndefined()
})

test('of very many a bounded part is told, spread over all of them, and how many they were', () => {
  const sample = createRequestSample(20)
  for (let round = 0; round < 10; round += 1)
    sample.note(many(1_000).map((event) => ({ ...event, at: event.at + round * 1_000 })))
  const seen = sample.take()
  expect(seen?.counted).toBe(10_000)
  const times = seen?.requests.map(({ at }) => at) ?? []
  expect(times.length).toBeGreaterThan(8)
  expect(times.length).toBeLessThanOrEqual(20)
  expect(times[0]).toBe(0)
  expect(times.at(-1)).toBeGreaterThan(8_000)
})

test('a failure is told of however many succeed', () => {
  const sample = createRequestSample(20)
  sample.note(many(5_000))
  sample.note(many(1, 500))
  sample.note(many(5_000))
  expect(sample.take()?.requests.filter(({ status }) => status === 500)).toHaveLength(1)
})

test('a path of any length takes a bounded room', () => {
  const sample = createRequestSample()
  sample.note([usageEvent({ id: 'use_long', path: `/${'x'.repeat(9_000)}` })])
  expect(sample.take()?.requests[0]?.path).toHaveLength(200)
})
