import { expect, it } from 'vitest'
import { giveBack, isPassedOn, PieceMemory, passOn } from './piece-memory.ts'

const large = 20_000

/** Takes memory until some comes that is one of these, or until what is kept for later is used up. */
function comesAgain(memory: PieceMemory): boolean {
  for (let taken = 0; taken <= 128; taken++) if (PieceMemory.take() === memory) return true
  return false
}

it('memory is used again once it is read, passed on and written, so that a large body makes no garbage', () => {
  const memory = PieceMemory.take()
  const piece = memory.lend(0, large)
  passOn(piece)
  expect(isPassedOn(piece)).toBe(true)
  memory.close()
  giveBack(piece)
  expect(comesAgain(memory)).toBe(true)
})

it.each<[string, (memory: PieceMemory, piece: Buffer) => void]>([
  ['somebody may have kept a piece of it', (_memory, piece) => giveBack(piece)],
  [
    'another piece of the same read is not written yet',
    (memory, piece) => {
      passOn(memory.lend(large, 2 * large))
      passOn(piece)
      giveBack(piece)
    },
  ],
  [
    'a piece was given back twice for two',
    (memory, piece) => {
      passOn(memory.lend(large, 2 * large))
      passOn(piece)
      giveBack(piece)
      passOn(piece)
      giveBack(piece)
    },
  ],
  [
    'only a part of a piece was written',
    (_memory, piece) => {
      passOn(piece)
      passOn(piece.subarray(0, 10))
      giveBack(piece.subarray(0, 10))
    },
  ],
])('memory is not used again where %s', (_name, write) => {
  const memory = PieceMemory.take()
  const piece = memory.lend(0, large)
  memory.close()
  write(memory, piece)
  expect(comesAgain(memory)).toBe(false)
})

it('memory is not used again while it is still read into', () => {
  const memory = PieceMemory.take()
  const piece = memory.lend(0, large)
  passOn(piece)
  giveBack(piece)
  expect(comesAgain(memory)).toBe(false)
})

it('what is lent for a moment is copied, whatever its length', () => {
  for (const length of [10, large, 64 * 1024, 100_000]) {
    const bytes = Buffer.alloc(length + 5, 'a')
    const piece = PieceMemory.copy(bytes, 5, length + 5)
    bytes.fill('b')
    expect(piece.equals(Buffer.alloc(length, 'a'))).toBe(true)
  }
})
