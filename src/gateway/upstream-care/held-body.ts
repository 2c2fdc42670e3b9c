import type { UpstreamExchange } from '../upstream/types.ts'

/** What was written of a request body before there was a connection to write it to. */
export class HeldBody {
  private readonly chunks: Buffer[] = []
  private isEnded = false
  private trailers: string | undefined = undefined

  add(chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  end(trailers?: string): void {
    this.isEnded = true
    this.trailers = trailers
  }

  /** Writes it, and answers whether whoever wrote is to be told to go on. */
  flush(exchange: UpstreamExchange): boolean {
    let isRoomLeft = false
    for (const chunk of this.chunks) isRoomLeft = exchange.write(chunk)
    if (!this.isEnded) return isRoomLeft
    exchange.end(undefined, this.trailers)
    return false
  }
}
