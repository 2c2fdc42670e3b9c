import { carriageReturn, colon, isTarget, isText, isToken, lineFeed, space } from './octets.ts'

/** Answer of `FieldBlock.read`: the block does not end in these bytes. */
export const incomplete = -1

/** Answer of `FieldBlock.read`: `problem` says what is wrong. */
export const malformed = -2

/** What stands before the field lines: a request line, a status line, or nothing (trailers). */
export type StartLine = 'none' | 'request' | 'status'

/** Field lines as they were sent, each ended by CRLF, and where they are; also what a `FieldBlock` has read. */
export interface FieldLines {
  /** Latin1. */
  readonly text: string
  /** Positions in `text`, three for each field: start of the name, the colon, end of the line. */
  readonly spans: readonly number[]
  /** How many numbers of `spans` are meant. */
  readonly spanCount: number
}

const statusShape = 'HTTP/1.'
const statusLength = 'HTTP/1.1 200'.length
const versionLength = 'HTTP/1.1'.length

const inMethod = 0
const inTarget = 1
const inVersion = 2
const inFields = 3

/**
 * Reads a block of field lines up to and with its empty line, with a start line before them or without.
 * Strict: CRLF only, no folding, no space before the colon, no control characters. Whether and why a block is refused
 * depends on its bytes alone, never on how they were cut into reads, and every octet is looked at once or twice.
 */
export class FieldBlock implements FieldLines {
  problem = ''
  /** The complete block as latin1. */
  text = ''
  readonly spans: number[] = []
  spanCount = 0
  /** Where the method and the target of a request line end in `text`. */
  methodEnd = 0
  targetEnd = 0
  /** Where the start line ends in `text`. */
  startLineEnd = 0
  /** The maximum was passed before the block ended. */
  isTooLarge = false

  private readonly startLine: StartLine
  private maxBytes = 0
  private held: Buffer | undefined
  private heldBytes = 0
  private base = 0
  private at = 0
  private lineStart = 0
  private colonAt = -1
  private part = inFields

  constructor(startLine: StartLine) {
    this.startLine = startLine
  }

  /** The block came in one piece: all of it is in the bytes that were read last. */
  get isWhole(): boolean {
    return this.heldBytes === 0
  }

  /** Makes ready for a new block of at most `maxBytes`. */
  reset(maxBytes: number): void {
    this.maxBytes = maxBytes
    this.held = undefined
    this.heldBytes = 0
    this.isTooLarge = false
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
    if (limit - from >= this.maxBytes) return this.refuseSize()
    this.hold(bytes, from, end)
    this.startAt(0)
    return incomplete
  }

  /**
   * Reads the request line alone, of a block that begins here and whose fields are known already: answers the position after it.
   * A negative answer decides nothing: the block is to be read as a whole then.
   */
  readRequestLine(bytes: Buffer, from: number, end: number): number {
    if (this.heldBytes > 0) return incomplete
    this.base = from
    this.at = from
    this.part = inMethod
    return this.scanRequestLine(bytes, Math.min(end, from + this.maxBytes))
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
    return this.heldBytes >= this.maxBytes ? this.refuseSize() : incomplete
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
    this.part = this.startLine === 'none' ? inFields : inMethod
  }

  private scan(bytes: Buffer, end: number): number {
    if (this.part !== inFields) {
      const after =
        this.startLine === 'request' ? this.scanRequestLine(bytes, end) : this.scanStatusLine(bytes, end)
      if (after < 0) return after
      this.part = inFields
      this.at = after
      this.lineStart = after
    }
    return this.scanFields(bytes, end)
  }

  private scanRequestLine(bytes: Buffer, end: number): number {
    const { base } = this
    let { at } = this
    if (this.part === inMethod) {
      while (at < end && isToken[bytes[at] as number] === 1) at++
      if (at < end) {
        if (bytes[at] !== space || at === base) return this.refuse('the request line is malformed')
        this.methodEnd = at++ - base
        this.part = inTarget
      }
    }
    if (this.part === inTarget) {
      while (at < end && isTarget[bytes[at] as number] === 1) at++
      if (at < end) {
        if (bytes[at] !== space || at === base + this.methodEnd + 1)
          return this.refuse('the request line is malformed')
        this.targetEnd = at++ - base
        this.part = inVersion
      }
    }
    this.at = at
    return this.part === inVersion ? this.scanVersion(bytes, end) : incomplete
  }

  private scanVersion(bytes: Buffer, end: number): number {
    let { at } = this
    const start = this.base + this.targetEnd + 1
    for (; at < end; at++) {
      if (fitsVersion(at - start, bytes[at] as number)) continue
      if (at !== start + versionLength + 2) return this.refuse('the request line is malformed')
      break
    }
    this.at = at
    if (at < start + versionLength + 2) return incomplete
    this.startLineEnd = at - 2 - this.base
    return at
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
    this.startLineEnd = at - this.base
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

  private refuseSize(): number {
    this.isTooLarge = true
    return this.refuse('the head is too large')
  }

  private refuse(problem: string): number {
    this.problem = problem
    return malformed
  }
}

function fitsVersion(index: number, octet: number): boolean {
  if (index < 7) return octet === statusShape.charCodeAt(index)
  if (index === 7) return octet === 0x30 || octet === 0x31
  return octet === (index === 8 ? carriageReturn : index === 9 ? lineFeed : -1)
}

function fitsStatus(index: number, octet: number): boolean {
  if (index < 7) return octet === statusShape.charCodeAt(index)
  if (index === 7) return octet === 0x30 || octet === 0x31
  if (index === 8) return octet === space
  return octet <= 0x39 && octet >= (index === 9 ? 0x31 : 0x30)
}
