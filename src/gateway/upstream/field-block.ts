import { carriageReturn, colon, isText, isToken, lineFeed, space } from './octets.ts'

/** Answer of `FieldBlock.read`: the block does not end in these bytes. */
export const incomplete = -1

/** Answer of `FieldBlock.read`: `problem` says what is wrong. */
export const malformed = -2

const statusShape = 'HTTP/1.'
const statusLength = 'HTTP/1.1 200'.length

/**
 * Reads a block of field lines up to and with its empty line, with a status line before them or without (trailers).
 * Strict: CRLF only, no folding, no space before the colon, no control characters. Whether and why a block is refused
 * depends on its bytes alone, never on how they were cut into reads, and every octet is looked at once or twice.
 */
export class FieldBlock {
  problem = ''
  /** The complete block as latin1. */
  text = ''
  /** Positions in `text`, three for each field: start of the name, the colon, end of the line. */
  readonly spans: number[] = []
  /** How many numbers of `spans` are meant. */
  spanCount = 0
  /** Where the status line ends in `text`. */
  statusEnd = 0

  private readonly hasStatusLine: boolean
  private maxBytes = 0
  private held: Buffer | undefined
  private heldBytes = 0
  private base = 0
  private at = 0
  private lineStart = 0
  private colonAt = -1
  private inStatusLine = false

  constructor(hasStatusLine: boolean) {
    this.hasStatusLine = hasStatusLine
  }

  /** Makes ready for a new block of at most `maxBytes`. */
  reset(maxBytes: number): void {
    this.maxBytes = maxBytes
    this.held = undefined
    this.heldBytes = 0
  }

  /** Reads on; answers the position after the block, `incomplete` (everything was taken) or `malformed`. */
  read(bytes: Buffer, from: number, end: number): number {
    if (this.heldBytes > 0) return this.readHeld(bytes, from, end)
    const limit = Math.min(end, from + this.maxBytes)
    this.startAt(from)
    const after = this.scan(bytes, limit)
    if (after >= 0) {
      this.text = bytes.toString('latin1', from, after)
      return after
    }
    if (after === malformed) return malformed
    if (limit - from >= this.maxBytes) return this.refuse('the head is too large')
    this.hold(bytes, from, end)
    this.startAt(0)
    return incomplete
  }

  private readHeld(bytes: Buffer, from: number, end: number): number {
    const before = this.heldBytes
    const limit = Math.min(end, from + this.maxBytes - before)
    const held = this.hold(bytes, from, limit)
    const after = this.scan(held, this.heldBytes)
    if (after >= 0) {
      this.text = held.toString('latin1', 0, after)
      return from + after - before
    }
    if (after === malformed) return malformed
    return this.heldBytes >= this.maxBytes ? this.refuse('the head is too large') : incomplete
  }

  private hold(bytes: Buffer, from: number, end: number): Buffer {
    const needed = this.heldBytes + end - from
    let held = this.held
    if (held === undefined || held.length < needed) {
      held = Buffer.allocUnsafe(Math.max(1024, needed * 2))
      this.held?.copy(held, 0, 0, this.heldBytes)
      this.held = held
    }
    bytes.copy(held, this.heldBytes, from, end)
    this.heldBytes = needed
    return held
  }

  private startAt(base: number): void {
    this.base = base
    this.at = base
    this.lineStart = base
    this.colonAt = -1
    this.spanCount = 0
    this.inStatusLine = this.hasStatusLine
  }

  private scan(bytes: Buffer, end: number): number {
    if (this.inStatusLine) {
      const after = this.scanStatusLine(bytes, end)
      if (after < 0) return after
      this.inStatusLine = false
      this.at = after
      this.lineStart = after
    }
    return this.scanFields(bytes, end)
  }

  private scanStatusLine(bytes: Buffer, end: number): number {
    let at = this.at
    for (let index = at - this.base; index < statusLength && at < end; index++, at++) {
      if (!fitsStatus(index, bytes[at] as number)) return this.refuse('the status line is malformed')
    }
    if (at < end && at === this.base + statusLength) {
      if (bytes[at] !== space && bytes[at] !== carriageReturn)
        return this.refuse('the status line is malformed')
    }
    while (at < end && isText[bytes[at] as number] === 1) at++
    this.at = at
    if (at >= end) return incomplete
    if (bytes[at] !== carriageReturn) return this.refuse('the status line is malformed')
    if (at + 1 >= end) return incomplete
    if (bytes[at + 1] !== lineFeed) return this.refuse('the status line is malformed')
    this.statusEnd = at - this.base
    return at + 2
  }

  private scanFields(bytes: Buffer, end: number): number {
    const base = this.base
    let { at, lineStart, colonAt } = this
    for (;;) {
      if (colonAt < 0) {
        while (at < end && isToken[bytes[at] as number] === 1) at++
        if (at >= end) break
        if (bytes[at] === carriageReturn && at === lineStart) {
          if (at + 1 >= end) break
          return bytes[at + 1] === lineFeed ? at + 2 : this.refuse('a line does not end with CRLF')
        }
        if (bytes[at] !== colon || at === lineStart) return this.refuse('a header name is malformed')
        colonAt = at++
      }
      while (at < end && isText[bytes[at] as number] === 1) at++
      if (at >= end) break
      if (bytes[at] !== carriageReturn) return this.refuse('a header value is malformed')
      if (at + 1 >= end) break
      if (bytes[at + 1] !== lineFeed) return this.refuse('a line does not end with CRLF')
      this.spans[this.spanCount++] = lineStart - base
      this.spans[this.spanCount++] = colonAt - base
      this.spans[this.spanCount++] = at - base
      at += 2
      lineStart = at
      colonAt = -1
    }
    this.at = at
    this.lineStart = lineStart
    this.colonAt = colonAt
    return incomplete
  }

  private refuse(problem: string): number {
    this.problem = problem
    return malformed
  }
}

function fitsStatus(index: number, octet: number): boolean {
  if (index < 7) return octet === statusShape.charCodeAt(index)
  if (index === 7) return octet === 0x30 || octet === 0x31
  if (index === 8) return octet === space
  return octet <= 0x39 && octet >= (index === 9 ? 0x31 : 0x30)
}
