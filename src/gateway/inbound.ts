/** What the pipeline does with the client's request body. */
export interface BodyListener {
  /** One piece; false pauses until resumeBody(). */
  onData(chunk: Buffer): boolean
  onEnd(): void
  /** The client has been silent for too long in the middle of its body. */
  onStall(): void
}

/** The client's side of one request, whatever server carries it: the only thing of a server that the pipeline knows. */
export interface Inbound {
  readonly method: string
  /** `1.1` or `1.0`. */
  readonly httpVersion: string
  /** The request target as it was sent. */
  readonly target: string
  /** name, value, name, value, as they were sent. */
  readonly rawHeaders: readonly string[]
  readonly remoteAddress: string
  readonly isSecure: boolean
  /** Starts the body (and answers `Expect: 100-continue`). Call at most once. */
  readBody(listener: BodyListener): void
  resumeBody(): void
  /** Called once when the client leaves before the answer is complete. */
  onAbort(listener: () => void): void
  /** Queues the head; it leaves with the first byte of the body, or with flushHead. */
  sendHead(status: number, reason: string, headers: string[]): void
  flushHead(): void
  /** False asks to wait for onDrain. */
  write(chunk: Buffer): boolean
  onDrain(listener: () => void): void
  end(chunk?: Buffer | string): void
  /** Cuts the connection, so that the client cannot take a part of an answer for the whole. */
  destroy(): void
}
