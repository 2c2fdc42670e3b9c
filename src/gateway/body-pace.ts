/** So long a client may take for so many bytes of its body. */
export const paceMs = 60_000
export const leastBytes = 15_000

/**
 * Watches that a body keeps coming: a client that sends a byte now and then would hold a connection here and one to the upstream for as
 * long as it likes. Each minute has to bring its bytes; one in which nothing comes at all is the server's to notice.
 */
export class BodyPace {
  private since: number
  private bytes = 0

  constructor(nowMs: number) {
    this.since = nowMs
  }

  /** Takes a piece in; false when the body comes too slowly. */
  take(byteCount: number, nowMs: number): boolean {
    this.bytes += byteCount
    if (nowMs - this.since < paceMs) return true
    const isFastEnough = this.bytes >= leastBytes
    this.restart(nowMs)
    return isFastEnough
  }

  /** From now on the client is waited for again: until now it was not its turn. */
  restart(nowMs: number): void {
    this.since = nowMs
    this.bytes = 0
  }
}
