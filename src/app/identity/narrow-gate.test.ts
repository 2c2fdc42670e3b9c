import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createNarrowGate } from './narrow-gate.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('so many run at once, so many wait, and then the gate is full; who waits longest goes first', async () => {
  const gate = createNarrowGate({ mostAtOnce: 2, mostWaiting: 3 })
  const order: number[] = []
  const finish: (() => void)[] = []
  const works: Promise<void>[] = []
  for (let work = 0; work < 5; work++) {
    expect(gate.isFull()).toBe(false)
    works.push(
      gate.run(() => {
        order.push(work)
        return new Promise<void>((resolve) => void finish.push(resolve))
      }),
    )
  }
  expect(gate.isFull()).toBe(true)
  expect(order).toEqual([0, 1])
  finish[0]?.()
  await works[0]
  expect(gate.isFull()).toBe(false)
  finish[1]?.()
  await works[1]
  await turn()
  expect(order).toEqual([0, 1, 2, 3])
  for (let work = 2; work < 5; work++) {
    finish[work]?.()
    await turn()
  }
  await Promise.all(works)
  expect(order).toEqual([0, 1, 2, 3, 4])
})

test('never more run than may, whatever fails, and at the end the gate is open again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ turns: fc.nat(5), fails: fc.boolean() }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 4 }),
      async (works, mostAtOnce) => {
        const gate = createNarrowGate({ mostAtOnce, mostWaiting: 30 })
        let running = 0
        let most = 0
        const all = works.map(({ turns, fails }) =>
          gate.run(async () => {
            running += 1
            most = Math.max(most, running)
            for (let turn = 0; turn < turns; turn++) await Promise.resolve()
            running -= 1
            if (fails) throw new Error('broken')
          }),
        )
        const ended = await Promise.allSettled(all)
        expect(ended.map(({ status }) => status === 'rejected')).toEqual(works.map(({ fails }) => fails))
        expect(most).toBeLessThanOrEqual(mostAtOnce)
        for (let work = 0; work < mostAtOnce; work++) {
          expect(gate.isFull()).toBe(false)
          void gate.run(() => new Promise(() => {}))
        }
      },
    ),
  )
})
