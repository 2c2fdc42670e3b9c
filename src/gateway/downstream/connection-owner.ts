import type { Socket } from 'node:net'
import type { Refusal } from '#contract/outcome.ts'
import type { ClientConnection } from './connection.ts'
import type { InboundRequest } from './inbound-request.ts'

/** What a connection needs from the door it came in by. */
export interface ConnectionOwner {
  /** The clock of all deadlines: grows by one with every sweep. */
  readonly tick: number
  readonly maxHeadBytes: number
  readonly headTicks: number
  readonly idleTicks: number
  readonly silenceTicks: number
  readonly lingerTicks: number
  readonly isDraining: boolean
  /** The lines that tell a client that it may go on, with the end of the head. */
  readonly keptLines: string
  dateLine(): string
  /** True for a request that the other server answers. */
  isForeign(target: string): boolean
  /** Gives the socket away, with the bytes that were not answered yet. */
  onForeign(connection: ClientConnection, socket: Socket, bytes: Buffer): void
  onRequest(request: InboundRequest): void
  /** The request is over: answered, cut or left by its client. */
  onOver(request: InboundRequest): void
  onFailure(request: InboundRequest, error: unknown): void
  /** A whole answer to what is no request. */
  unreadable(refusal: Refusal, isSecure: boolean): string
  onClosed(connection: ClientConnection): void
}
