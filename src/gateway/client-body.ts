import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import { BodyPace } from './body-pace.ts'
import type { Call } from './call.ts'
import type { BodyListener } from './inbound.ts'

/** Who takes the body of a request. */
export interface BodyTaker {
  /** The request is at its end: what still comes of its body is dropped. */
  readonly isOver: () => boolean
  /** A piece; false pauses until there is room again. */
  readonly take: (chunk: Buffer) => boolean
  /** The body is complete. */
  readonly end: (trailers: string) => void
  readonly refuse: (refusal: Refusal) => void
}

/** The body of a request on its way from its client: no longer than it may be, and no slower. */
export class ClientBody implements BodyListener {
  private readonly call: Call
  private readonly clock: Clock
  private readonly maxBytes: number
  private readonly taker: BodyTaker
  private readonly pace: BodyPace

  constructor(call: Call, clock: Clock, maxBytes: number, taker: BodyTaker) {
    this.call = call
    this.clock = clock
    this.maxBytes = maxBytes
    this.taker = taker
    this.pace = new BodyPace(clock.now())
  }

  onData(chunk: Buffer): boolean {
    const { call, taker, maxBytes } = this
    if (taker.isOver()) return true
    call.requestBytes += chunk.length
    if (call.requestBytes > maxBytes)
      taker.refuse(refuse('payload_too_large', `The body is larger than ${maxBytes} bytes`))
    else if (this.pace.take(chunk.length, this.clock.now())) return taker.take(chunk)
    else this.onStall()
    return true
  }

  onEnd(trailers: string): void {
    if (!this.taker.isOver()) this.taker.end(trailers)
  }

  onStall(): void {
    if (!this.taker.isOver())
      this.taker.refuse(refuse('request_timeout', 'The request body did not arrive in time'))
  }

  /** Reads on: until now the body was not waited for. */
  resume(): void {
    this.pace.restart(this.clock.now())
    this.call.inbound.resumeBody()
  }
}
