import { expect, test } from 'vitest'
import type { DomainEvent } from '#contract/events.ts'
import { createSpreading } from './spread-changes.ts'

const change: DomainEvent = {
  seq: 7,
  id: 'evt_1',
  type: 'plan.updated',
  module: 'plan',
  record_id: 'pln_1',
  organization_id: null,
  data: { name: 'gold' },
  at: '2026-11-20T12:00:00.000Z',
}

/** Workers that take a change in when the test says so; the last one is not there yet. */
function workers(patienceMs: number) {
  const got: Record<number, number[]> = { 1: [], 2: [], 3: [] }
  const pending: Record<number, (() => void)[]> = { 1: [], 2: [], 3: [] }
  const warned: object[] = []
  const slots = [1, 2, 3].map((number) => ({
    number,
    follow(events: readonly DomainEvent[]) {
      got[number]?.push(...events.map(({ seq }) => seq))
      expect(events[0]?.data).toEqual({})
      if (number === 3) return undefined
      return new Promise<void>((resolve) => pending[number]?.push(resolve))
    },
  }))
  const spread = createSpreading({
    slots: () => slots,
    reads: { begin() {}, end() {} },
    log: { warn: (fields) => void warned.push(fields) },
    patienceMs,
  })
  const takeIn = (number: number): void => pending[number]?.splice(0).forEach((resolve) => void resolve())
  return { got, warned, spread, takeIn }
}

test('a writer waits until all who answer have the change, and not for one who only begins', async () => {
  const { got, warned, spread, takeIn } = workers(60_000)
  let isDone = false
  const done = spread([change]).then(() => {
    isDone = true
  })
  takeIn(1)
  await Promise.resolve()
  expect(isDone).toBe(false)
  takeIn(2)
  await done
  expect(got).toEqual({ 1: [7], 2: [7], 3: [7] })
  expect(warned).toEqual([])
})

test('a worker that is stuck holds up one writer, for a moment, and gets every change all the same', async () => {
  const { got, warned, spread, takeIn } = workers(5)
  const first = spread([change])
  takeIn(1)
  await first
  expect(warned).toEqual([{ workers: [2], first_seq: 7 }])
  const second = spread([{ ...change, seq: 8 }])
  takeIn(1)
  await second
  expect(warned, 'nobody waited for it').toHaveLength(1)
  expect(got[2]).toEqual([7, 8])
  takeIn(2)
  const third = spread([{ ...change, seq: 9 }])
  takeIn(1)
  takeIn(2)
  await third
  expect(warned, 'it is waited for again').toHaveLength(1)
})
