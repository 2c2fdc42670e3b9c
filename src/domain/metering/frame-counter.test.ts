import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameCounter, type FrameRule } from './frame-counter.ts'

const rule: FrameRule = { isMasked: true, isCompressible: false, maxMessageBytes: 1_000_000 }

interface Frame {
  readonly code: number
  readonly isFinal: boolean
  readonly isMasked: boolean
  readonly size: number
  readonly reserved?: number
}

function bytesOf({ code, isFinal, isMasked, size, reserved = 0 }: Frame): Uint8Array {
  const extended = size > 65_535 ? 8 : size > 125 ? 2 : 0
  const header = new Uint8Array(2 + extended + (isMasked ? 4 : 0))
  const view = new DataView(header.buffer)
  view.setUint8(0, (isFinal ? 0x80 : 0) | reserved | code)
  view.setUint8(1, (isMasked ? 0x80 : 0) | (extended === 8 ? 127 : extended === 2 ? 126 : size))
  if (extended === 2) view.setUint16(2, size)
  if (extended === 8) view.setBigUint64(2, BigInt(size))
  const frame = new Uint8Array(header.length + size).fill(0x88, header.length)
  frame.set(header)
  return frame
}

function countOf(bytes: Uint8Array, cuts: readonly number[], under: Partial<FrameRule> = {}) {
  const counter = createFrameCounter({ ...rule, ...under })
  let from = 0
  let passed = 0
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    passed += counter.take(bytes.subarray(from, cut))
    from = Math.max(from, cut)
  }
  return { counter, passed }
}

const joined = (frames: readonly Frame[]): Uint8Array =>
  Uint8Array.from(frames.flatMap((frame) => [...bytesOf(frame)]))

const dataFrame = fc.record({
  code: fc.constantFrom(1, 2),
  isFinal: fc.boolean(),
  isMasked: fc.constant(true),
  size: fc.oneof(fc.nat(130), fc.constantFrom(0, 125, 126, 127, 65_535, 65_536)),
})
const controlFrame = fc.record({
  code: fc.constantFrom(9, 10),
  isFinal: fc.constant(true),
  isMasked: fc.constant(true),
  size: fc.nat(125),
})

/** The frames as they may follow each other: what goes on with a message says so. */
function inOrder(frames: readonly Frame[]): Frame[] {
  let isInMessage = false
  return frames.map((frame) => {
    if (frame.code >= 8) return frame
    const ordered = { ...frame, code: isInMessage ? 0 : frame.code }
    isInMessage = !frame.isFinal
    return ordered
  })
}

const text = { code: 1, isFinal: true, isMasked: true, size: 5 }

describe('frames of a WebSocket', () => {
  it('are counted the same however the bytes are cut: final data frames are messages, their payloads bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: dataFrame }, controlFrame), { maxLength: 8 }).map(inOrder),
        fc.array(fc.nat(), { maxLength: 20 }),
        (frames, cuts) => {
          const data = frames.filter(({ code }) => code < 8)
          const bytes = joined(frames)
          const { counter, passed } = countOf(bytes, cuts)
          expect([counter.messages, counter.bytes, counter.problem, counter.isAtBoundary, passed]).toEqual([
            data.filter(({ isFinal }) => isFinal).length,
            data.reduce((sum, { size }) => sum + size, 0),
            undefined,
            true,
            bytes.length,
          ])
        },
      ),
      { numRuns: 150 },
    )
  })

  it('of a message that is still under way count by their bytes so far', () => {
    const whole = bytesOf({ ...text, size: 100 })
    const counter = createFrameCounter(rule)
    counter.take(whole.subarray(0, 50))
    expect([counter.messages, counter.bytes, counter.isAtBoundary]).toEqual([0, 44, false])
    counter.take(whole.subarray(50))
    expect([counter.messages, counter.bytes, counter.isAtBoundary]).toEqual([1, 100, true])
  })

  it('a close frame is noticed and is no message', () => {
    const { counter } = countOf(joined([{ ...text, code: 8, size: 2 }]), [])
    expect([counter.isClosing, counter.messages, counter.bytes]).toEqual([true, 0, 0])
  })

  it('the first reserved bit of a message passes where compression was agreed on, and only there', () => {
    const compressed = joined([
      { ...text, reserved: 0x40, isFinal: false },
      { ...text, code: 0 },
    ])
    expect(countOf(compressed, [], { isCompressible: true }).counter.messages).toBe(1)
    expect(countOf(compressed, []).counter.problem).toBe('malformed')
    for (const frame of [
      { ...text, reserved: 0x20 },
      { ...text, code: 9, reserved: 0x40 },
    ])
      expect(countOf(joined([frame]), [], { isCompressible: true }).counter.problem).toBe('malformed')
    const late = joined([
      { ...text, isFinal: false },
      { ...text, code: 0, reserved: 0x40 },
    ])
    expect(countOf(late, [], { isCompressible: true }).counter.problem).toBe('malformed')
  })

  it.each<[string, Uint8Array]>([
    ['a reserved code', bytesOf({ ...text, code: 3 })],
    ['a reserved control code', bytesOf({ ...text, code: 11 })],
    ['a control frame in parts', bytesOf({ ...text, code: 9, isFinal: false })],
    ['a control frame that is too long', bytesOf({ ...text, code: 9, size: 126 })],
    ['a frame that is not masked', bytesOf({ ...text, isMasked: false })],
    ['a continuation of nothing', bytesOf({ ...text, code: 0 })],
    ['a length of 5 in three bytes', Uint8Array.of(0x81, 0xfe, 0, 5, 0, 0, 0, 0)],
    ['a length of 5 in nine bytes', Uint8Array.of(0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0)],
    ['a length beyond numbers', Uint8Array.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0)],
  ])('%s ends the counting, and nothing from there on may be passed on', (_name, bad) => {
    const good = bytesOf(text)
    const { counter, passed } = countOf(Uint8Array.from([...good, ...bad, ...good]), [])
    expect([counter.problem, counter.messages, passed]).toEqual(['malformed', 1, good.length])
    expect(counter.isAtBoundary, 'a close frame may follow').toBe(true)
    const cut = countOf(Uint8Array.from([...good, ...bad, ...good]), [good.length + 1]).counter
    expect([cut.problem, cut.messages, cut.isAtBoundary]).toEqual(['malformed', 1, false])
  })

  it('a new message in the middle of another ends the counting', () => {
    const { counter } = countOf(joined([{ ...text, isFinal: false }, text]), [])
    expect([counter.problem, counter.messages]).toEqual(['malformed', 0])
  })

  it('a message longer than the bound is told from its header, also when it comes in parts', () => {
    const under = { maxMessageBytes: 9 }
    expect(countOf(joined([text, text]), [], under).counter.messages).toBe(2)
    const parts = joined([
      { ...text, isFinal: false },
      { ...text, code: 0 },
    ])
    const { counter, passed } = countOf(parts, [], under)
    expect([counter.problem, counter.messages, passed]).toEqual(['too_big', 0, bytesOf(text).length])
  })
})
