import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameCounter } from './frame-counter.ts'

interface Frame {
  readonly code: number
  readonly isFinal: boolean
  readonly isMasked: boolean
  readonly size: number
}

function bytesOf({ code, isFinal, isMasked, size }: Frame): Uint8Array {
  const extended = size > 65_535 ? 8 : size > 125 ? 2 : 0
  const header = new Uint8Array(2 + extended + (isMasked ? 4 : 0))
  const view = new DataView(header.buffer)
  view.setUint8(0, (isFinal ? 0x80 : 0) | code)
  view.setUint8(1, (isMasked ? 0x80 : 0) | (extended === 8 ? 127 : extended === 2 ? 126 : size))
  if (extended === 2) view.setUint16(2, size)
  if (extended === 8) view.setBigUint64(2, BigInt(size))
  const frame = new Uint8Array(header.length + size).fill(0x88, header.length)
  frame.set(header)
  return frame
}

function countOf(bytes: Uint8Array, cuts: readonly number[]) {
  const counter = createFrameCounter()
  let from = 0
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    counter.take(bytes.subarray(from, cut))
    from = Math.max(from, cut)
  }
  return counter
}

const joined = (frames: readonly Frame[]): Uint8Array =>
  Uint8Array.from(frames.flatMap((frame) => [...bytesOf(frame)]))

const dataFrame = fc.record({
  code: fc.constantFrom(0, 1, 2),
  isFinal: fc.boolean(),
  isMasked: fc.boolean(),
  size: fc.oneof(fc.nat(130), fc.constantFrom(0, 125, 126, 127, 65_535, 65_536)),
})
const controlFrame = fc.record({
  code: fc.constantFrom(9, 10),
  isFinal: fc.constant(true),
  isMasked: fc.boolean(),
  size: fc.nat(125),
})

describe('frames of a WebSocket', () => {
  it('are counted the same however the bytes are cut: final data frames are messages, their payloads bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: dataFrame }, controlFrame), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (frames, cuts) => {
          const data = frames.filter(({ code }) => code < 8)
          const counter = countOf(joined(frames), cuts)
          expect([counter.messages, counter.bytes, counter.isBroken]).toEqual([
            data.filter(({ isFinal }) => isFinal).length,
            data.reduce((sum, { size }) => sum + size, 0),
            false,
          ])
        },
      ),
      { numRuns: 150 },
    )
  })

  it('of a message that is still under way count by their bytes so far', () => {
    const whole = bytesOf({ code: 1, isFinal: true, isMasked: true, size: 100 })
    const counter = createFrameCounter()
    counter.take(whole.subarray(0, 50))
    expect([counter.messages, counter.bytes]).toEqual([0, 44])
    counter.take(whole.subarray(50))
    expect([counter.messages, counter.bytes]).toEqual([1, 100])
  })

  it('a close frame is noticed and is no message', () => {
    const counter = countOf(joined([{ code: 8, isFinal: true, isMasked: false, size: 2 }]), [])
    expect([counter.isClosing, counter.messages, counter.bytes]).toEqual([true, 0, 0])
  })

  it.each([
    ['a reserved code', { code: 3, isFinal: true, isMasked: false, size: 0 }],
    ['a control frame in parts', { code: 9, isFinal: false, isMasked: false, size: 0 }],
    ['a control frame that is too long', { code: 9, isFinal: true, isMasked: false, size: 126 }],
  ])('%s ends the counting', (_name, frame) => {
    const counter = countOf(joined([frame, { code: 1, isFinal: true, isMasked: false, size: 5 }]), [])
    expect([counter.isBroken, counter.messages]).toEqual([true, 0])
  })
})
