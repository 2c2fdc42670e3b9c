import { FieldBlock, incomplete, malformed } from './field-block.ts'
import { carriageReturn, hexDigit, isText, lineFeed, semicolon } from './octets.ts'

const inSize = 0
const inExtension = 1
const afterSize = 2
const inData = 3
const afterData = 4
const afterDataReturn = 5
const inTrailers = 6

/** 13 hexadecimal digits stay below 2^53. */
const maxSizeDigits = 13
/** Extensions are ignored; an answer may not consist of them. */
const maxExtensionBytes = 16 * 1024

/** Decodes a chunked body, strictly: bare sizes, CRLF everywhere, bounded extensions and trailers. */
export class ChunkDecoder {
  /** The data found by the last `decode`, moved together inside its buffer. */
  dataStart = 0
  dataEnd = 0
  isDone = false
  /** Why the body was refused, empty while it is well-formed. */
  problem = ''
  /** The trailers of a body that is done. */
  readonly trailers = new FieldBlock('none')

  private readonly maxTrailerBytes: number
  private state = inSize
  private size = 0
  private digits = 0
  private extensionBytes = 0

  constructor(maxTrailerBytes: number) {
    this.maxTrailerBytes = maxTrailerBytes
  }

  /** Makes ready for a new body. */
  reset(): void {
    this.isDone = false
    this.problem = ''
    this.extensionBytes = 0
    this.startSize()
  }

  /** Takes bytes up to `end` or up to the end of the body, and answers how far it came. It writes into `bytes`. */
  decode(bytes: Buffer, from: number, end: number): number {
    let at = from
    this.dataStart = from
    this.dataEnd = from
    while (at < end && this.problem === '') {
      if (this.state === inData) at = this.takeData(bytes, at, end)
      else if (this.state === inTrailers) return this.takeTrailers(bytes, at, end)
      else this.takeFraming(bytes[at++] as number)
    }
    return at
  }

  private takeData(bytes: Buffer, at: number, end: number): number {
    const next = Math.min(end, at + this.size)
    if (this.dataStart === this.dataEnd) {
      this.dataStart = at
      this.dataEnd = next
    } else {
      // One larger piece is far cheaper to pass on than several small ones.
      bytes.copyWithin(this.dataEnd, at, next)
      this.dataEnd += next - at
    }
    this.size -= next - at
    if (this.size === 0) this.state = afterData
    return next
  }

  private takeFraming(octet: number): void {
    switch (this.state) {
      case inSize:
        this.takeSize(octet)
        break
      case inExtension:
        if (octet === carriageReturn) this.state = afterSize
        else if (isText[octet] === 0) this.problem = 'a chunk extension is malformed'
        else if (++this.extensionBytes > maxExtensionBytes)
          this.problem = 'the chunk extensions are too large'
        break
      case afterSize:
        if (octet !== lineFeed) this.problem = 'a chunk size does not end with CRLF'
        else if (this.size > 0) this.state = inData
        else {
          this.state = inTrailers
          this.trailers.reset(this.maxTrailerBytes)
        }
        break
      case afterData:
        if (octet !== carriageReturn) this.problem = 'a chunk is longer than its size'
        this.state = afterDataReturn
        break
      case afterDataReturn:
        if (octet !== lineFeed) this.problem = 'a chunk does not end with CRLF'
        this.startSize()
        break
    }
  }

  private takeSize(octet: number): void {
    const digit = hexDigit[octet] as number
    if (digit >= 0) {
      this.size = this.size * 16 + digit
      if (++this.digits > maxSizeDigits) this.problem = 'a chunk size is too large'
    } else if (this.digits === 0) this.problem = 'a chunk size is malformed'
    else if (octet === carriageReturn) this.state = afterSize
    else if (octet === semicolon) this.state = inExtension
    else this.problem = 'a chunk size is malformed'
  }

  private takeTrailers(bytes: Buffer, at: number, end: number): number {
    const after = this.trailers.read(bytes, at, end)
    if (after === incomplete) return end
    if (after === malformed) {
      this.problem = `in the trailers, ${this.trailers.problem}`
      return end
    }
    this.isDone = true
    return after
  }

  private startSize(): void {
    this.state = inSize
    this.size = 0
    this.digits = 0
  }
}
