import type { Refusal } from '#contract/outcome.ts'
import { readRequestHead } from '../read-request-head.ts'
import type { RequestHead } from '../request-head.ts'
import { FieldBlock, incomplete, malformed } from '../wire/field-block.ts'
import { carriageReturn, lineFeed } from '../wire/octets.ts'

const noBlankLine = 0
const inBlankLine = 1
const afterBlankLine = 2

/** Most bytes of fields that a connection keeps to recognise them. */
const mostKeptBytes = 2_048

const commonMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/** Reads one request head after another, strictly; what it finds does not depend on how the bytes were cut. */
export class RequestParser {
  method = ''
  target = ''
  httpVersion = ''
  /** The fields of the head, until the next one is begun. */
  readonly block = new FieldBlock('request')
  /** No byte of the next head has come. */
  isUntouched = true

  /** The fields of this head are, byte for byte, those of the head before it, and `block` still holds that one. */
  isRepeated = false

  private readonly maxHeadBytes: number
  private blank = noBlankLine
  private line = ''
  /** The fields of the last head, where they are few enough to be kept. */
  private lastFields: Buffer | undefined = undefined
  private lastLength = 0
  private lastVersion = 0
  private lastHead: RequestHead | undefined = undefined

  constructor(maxHeadBytes: number) {
    this.maxHeadBytes = maxHeadBytes
    this.block.reset(maxHeadBytes)
  }

  /** Reads on; answers the position after the head, `incomplete` (everything was taken) or `malformed`. */
  read(bytes: Buffer, from: number, end: number): number {
    if (from >= end) return incomplete
    let at = from
    if (this.isUntouched) this.begin()
    if (this.blank !== afterBlankLine) {
      at = this.skipBlankLine(bytes, at, end)
      if (at < 0 || at === end) return at < 0 ? malformed : incomplete
    }
    const repeated = this.lastLength > 0 ? this.readRepeated(bytes, at, end) : incomplete
    const after = repeated >= 0 ? repeated : this.block.read(bytes, at, end)
    if (after < 0) return after
    this.isRepeated = repeated >= 0
    const { block } = this
    const text = this.isRepeated ? this.line : block.text
    this.method = methodOf(text, block.methodEnd)
    this.target = text.slice(block.methodEnd + 1, block.targetEnd)
    this.httpVersion = text.charCodeAt(block.targetEnd + 'HTTP/1.1'.length) === 0x31 ? '1.1' : '1.0'
    if (repeated < 0) this.keepFields(bytes, after)
    this.isUntouched = true
    return after
  }

  /** What the fields say; what was read of a repeated head before is not read again. */
  readHead(): RequestHead | Refusal {
    if (this.isRepeated && this.lastHead !== undefined) {
      this.lastHead.isRepeated = true
      return this.lastHead
    }
    const head = readRequestHead(this.block, this.httpVersion)
    if (!head.ok) this.lastLength = 0
    this.lastHead = head.ok ? head : undefined
    return head
  }

  /** The head as it was sent. */
  get headText(): string {
    const { lastFields, lastLength } = this
    if (!this.isRepeated || lastFields === undefined) return this.block.text
    return this.line + lastFields.toString('latin1', 0, lastLength)
  }

  // A client sends the same fields with each of its requests. Equal bytes are the same complete block: only the line is new.
  private readRepeated(bytes: Buffer, from: number, end: number): number {
    const { block, lastFields, lastLength } = this
    const start = block.readRequestLine(bytes, from, end)
    const after = start + lastLength
    if (start < 0 || after > end || lastFields === undefined) return incomplete
    if (bytes[start - 3] !== this.lastVersion) return incomplete
    if (lastFields.compare(bytes, start, after, 0, lastLength) !== 0) return incomplete
    this.line = bytes.toString('latin1', from, start)
    return after
  }

  private keepFields(bytes: Buffer, after: number): void {
    const { block } = this
    const length = block.text.length - block.startLineEnd - 2
    // What came in several pieces is not all in these bytes.
    this.lastLength = length <= mostKeptBytes && length <= after && block.isWhole ? length : 0
    if (this.lastLength === 0) return
    if (this.lastFields === undefined || this.lastFields.length < length)
      this.lastFields = Buffer.allocUnsafeSlow(Math.min(mostKeptBytes, length + 64))
    bytes.copy(this.lastFields, 0, after - length, after)
    this.lastVersion = bytes[after - length - 3] ?? 0
  }

  private begin(): void {
    this.isUntouched = false
    this.blank = noBlankLine
    this.block.reset(this.maxHeadBytes)
  }

  // One empty line before a request is forgiven (RFC 9112 section 2.2).
  private skipBlankLine(bytes: Buffer, from: number, end: number): number {
    let at = from
    if (this.blank === noBlankLine) {
      this.blank = bytes[at] === carriageReturn ? inBlankLine : afterBlankLine
      if (this.blank === afterBlankLine) return at
      at++
    }
    if (at === end) return at
    if (bytes[at] !== lineFeed) return malformed
    this.blank = afterBlankLine
    return at + 1
  }
}

// The usual names are shared, so that they keep no head in memory and compare at once.
function methodOf(text: string, end: number): string {
  for (const method of commonMethods) if (method.length === end && text.startsWith(method)) return method
  return text.slice(0, end)
}
