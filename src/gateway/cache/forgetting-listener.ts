import type { UpstreamFailure, UpstreamListener } from '../upstream/types.ts'
import type { HeaderList } from '../wire/header-list.ts'

/** Passes an answer on, and forgets what is kept of its resource where the request may have changed it (RFC 9111 section 4.4). */
export class ForgettingListener implements UpstreamListener {
  private readonly listener: UpstreamListener
  private readonly forget: () => void

  constructor(listener: UpstreamListener, forget: () => void) {
    this.listener = listener
    this.forget = forget
  }

  onHead(status: number, reason: string, headers: HeaderList, bodyLength: number | undefined): void {
    if (status < 400) this.forget()
    this.listener.onHead(status, reason, headers, bodyLength)
  }

  onData(chunk: Buffer): boolean {
    return this.listener.onData(chunk)
  }

  onEnd(last: Buffer | undefined, trailers: readonly string[]): void {
    this.listener.onEnd(last, trailers)
  }

  onFailure(failure: UpstreamFailure, detail: string, sent: boolean, retryAfterMs?: number): void {
    // Without an answer nobody knows what became of it.
    if (sent) this.forget()
    this.listener.onFailure(failure, detail, sent, retryAfterMs)
  }

  onDrain(): void {
    this.listener.onDrain()
  }
}
