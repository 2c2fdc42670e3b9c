import { ChunkDecoder } from '../wire/chunked.ts'
import { flatFields } from '../wire/field-value.ts'

/** Finds the body of one request after another in the bytes of a connection, strictly. Trailers are read, and are there when it is complete. */
export class RequestBody {
  /** The data found by the last `read`. */
  dataStart = 0
  dataEnd = 0
  isComplete = true
  /** Why the body was refused, empty while it is well-formed. */
  problem = ''

  private readonly chunks: ChunkDecoder
  private isChunked = false
  private bytesLeft = 0

  constructor(maxTrailerBytes: number) {
    this.chunks = new ChunkDecoder(maxTrailerBytes)
  }

  /** Makes ready for the body of the next request. */
  begin(body: 'none' | 'chunked' | number): void {
    this.isChunked = body === 'chunked'
    this.bytesLeft = typeof body === 'number' ? body : 0
    this.isComplete = !this.isChunked && this.bytesLeft === 0
    if (this.isChunked) this.chunks.reset()
  }

  /** The trailers of a body that is complete, a flat list. */
  get trailers(): readonly string[] {
    return this.isChunked && this.chunks.trailers.spanCount > 0 ? flatFields(this.chunks.trailers) : []
  }

  /** True when at most so many bytes are still to come. */
  endsWithin(byteCount: number): boolean {
    return this.isComplete || (!this.isChunked && this.bytesLeft <= byteCount)
  }

  /** Takes bytes up to `end` or to the end of the body, and answers how far it came. It may move data inside `bytes`. */
  read(bytes: Buffer, from: number, end: number): number {
    if (!this.isChunked) {
      const after = Math.min(end, from + this.bytesLeft)
      this.bytesLeft -= after - from
      this.isComplete = this.bytesLeft === 0
      this.dataStart = from
      this.dataEnd = after
      return after
    }
    const { chunks } = this
    const after = chunks.decode(bytes, from, end)
    this.dataStart = chunks.dataStart
    this.dataEnd = chunks.dataEnd
    this.isComplete = chunks.isDone
    this.problem = chunks.problem
    return after
  }
}
