import { expect, test } from 'vitest'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { bookBack } from './book-refund.ts'

const taken = refuse('conflict', 'Something else of the invoice was taken back meanwhile')

/** Writes that end so, one try after the other, and how often what they are was read. */
async function tried(...ends: readonly Outcome<never[]>[]): Promise<readonly [code: string, reads: number]> {
  let reads = 0
  const left = [...ends]
  const done = await bookBack({ invokeAll: async () => left.shift() ?? taken }, async () => {
    reads += 1
    return []
  })
  return [done.ok ? 'done' : done.code, reads]
}

test('money that went back is booked by what holds after somebody else took something of the invoice back', async () => {
  expect(await tried(accept([]))).toEqual(['done', 1])
  expect(await tried(taken, taken, accept([]))).toEqual(['done', 3])
})

test('what was refused for another reason is not tried again, and who is always late asks for a later try', async () => {
  const over = refuse('illegal_transition', 'A refund that is succeeded cannot become succeeded')
  expect(await tried(over)).toEqual(['illegal_transition', 1])
  expect(await tried()).toEqual(['service_unavailable', 5])
})
