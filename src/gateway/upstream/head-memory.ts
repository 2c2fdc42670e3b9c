import type { ResponseHead } from './response-head.ts'

/** Most bytes of a head that a connection keeps to recognise it. */
const mostKeptBytes = 2_048

/**
 * The last head of a connection and its bytes. An upstream sends the same head with many of its answers, for a second at least; equal
 * bytes are the same complete head, so it need not be read again.
 */
export class HeadMemory {
  /** How many bytes the head has; 0 when none is kept. */
  length = 0
  private bytes: Buffer | undefined = undefined
  private head: ResponseHead | undefined = undefined

  /** The head, when it stands at `start` of these bytes. */
  repeated(bytes: Buffer, start: number, end: number): ResponseHead | undefined {
    const { length, head } = this
    if (length === 0 || start + length > end || head === undefined) return undefined
    if (this.bytes?.compare(bytes, start, start + length, 0, length) !== 0) return undefined
    head.headers.isRepeated = true
    return head
  }

  /** Keeps a head; an empty range forgets it. */
  keep(head: ResponseHead, bytes: Buffer, start: number, end: number): void {
    const length = end - start
    this.length = length <= mostKeptBytes ? length : 0
    if (this.length === 0) return
    if (this.bytes === undefined || this.bytes.length < length)
      this.bytes = Buffer.allocUnsafeSlow(Math.min(mostKeptBytes, length + 64))
    bytes.copy(this.bytes, 0, start, end)
    this.head = head
  }

  forget(): void {
    this.length = 0
  }
}
