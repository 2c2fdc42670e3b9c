import type { Socket } from 'node:net'
import type { Refusal } from '#contract/outcome.ts'
import type { RequestHead } from './request-head.ts'

/** What the pipeline does with the client's request body. */
export interface BodyListener {
  /** One piece; false pauses until resumeBody(). */
  onData(chunk: Buffer): boolean
  /** The body is complete; its trailers, as far as they may go on, are lines, each ended by CRLF. */
  onEnd(trailers: string): void
  /** The client has been silent for too long in the middle of its body. */
  onStall(): void
}

/** What becomes of the client while it is answered. */
export interface InboundWatcher {
  /** Called once when the client leaves before the answer is complete. */
  onAbort(): void
  /** The answer may be written again after `write` returned false. */
  onWritable(): void
}

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number
  /** Empty for the usual phrase of the status. */
  readonly reason: string
  /** Header lines, each ended by CRLF, without those that frame the body or concern the connection. */
  readonly lines: string
  /** True when `lines` holds a Date. */
  readonly hasDate: boolean
  /** Bytes of the body, undefined while that is not known. Where no body may follow, only HEAD shows it. */
  readonly bodyLength: number | undefined
}

/** A connection that has left HTTP. */
export interface TakenSocket {
  /** Paused. */
  readonly socket: Socket
  /** What the client has sent since its request. */
  readonly early: Buffer
}

/** The client's side of one request, whatever server carries it: the only thing of a server that the pipeline knows. */
export interface Inbound {
  readonly method: string
  /** `1.1` or `1.0`. */
  readonly httpVersion: string
  /** The request target as it was sent. */
  readonly target: string
  /** The rest of the request's head, or why it cannot be understood. */
  readonly head: RequestHead | Refusal
  readonly remoteAddress: string
  readonly isSecure: boolean
  /** True once sendHead was called. */
  readonly isAnswered: boolean
  watch(watcher: InboundWatcher): void
  /** Starts the body (and answers `Expect: 100-continue`). Call at most once. */
  readBody(listener: BodyListener): void
  resumeBody(): void
  /** Queues the head; it leaves with the first byte of the body, or with flushHead. */
  sendHead(head: AnswerHead): void
  flushHead(): void
  /** False asks to wait for onWritable. */
  write(chunk: Buffer): boolean
  /** Ends the answer. Trailers, lines each ended by CRLF, are sent where the body has no length. */
  end(chunk?: Buffer | string, trailers?: string): void
  /** Cuts the connection, so that the client cannot take a part of an answer for the whole. */
  destroy(): void
  /**
   * Answers 101 with these lines and gives the connection away; undefined when the client is gone or was answered.
   * Absent where the connection carries other requests, too.
   */
  takeSocket?(lines: string): TakenSocket | undefined
}
