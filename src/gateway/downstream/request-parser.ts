import { FieldBlock, incomplete, malformed } from '../wire/field-block.ts'
import { carriageReturn, lineFeed } from '../wire/octets.ts'

const noBlankLine = 0
const inBlankLine = 1
const afterBlankLine = 2

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

  private readonly maxHeadBytes: number
  private blank = noBlankLine

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
    const after = this.block.read(bytes, at, end)
    if (after < 0) return after
    const { text, methodEnd, targetEnd } = this.block
    this.method = methodOf(text, methodEnd)
    this.target = text.slice(methodEnd + 1, targetEnd)
    this.httpVersion = text.charCodeAt(targetEnd + 'HTTP/1.1'.length) === 0x31 ? '1.1' : '1.0'
    this.isUntouched = true
    return after
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
