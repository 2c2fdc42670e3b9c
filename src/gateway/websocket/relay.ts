import type { Socket } from 'node:net'
import { createFrameCounter, type FrameCounter, type FrameProblem } from '#domain/metering/frame-counter.ts'
import type { UpstreamExchange } from '../upstream/types.ts'
import type { ConnectionBill } from './connection-bill.ts'
import { closeCode, closeFrame, pingFrame } from './frames.ts'
import type { Traffic } from './tariff.ts'

/** What a relay joins. */
export interface RelayParts {
  readonly socket: Socket
  readonly exchange: UpstreamExchange
  /** null where nothing is counted. */
  readonly bill: ConnectionBill | null
  readonly isCompressed: boolean
  readonly maxMessageBytes: number
  readonly idleMs: number
  readonly now: () => number
  readonly onOver: () => void
}

/** How long an end may take once it has begun, in sweeps. */
const lingerSweeps = 12

const relaying = 0
/** One side has ended; what the other still says is passed on for a while. */
const ending = 1
/** We end it: nothing is passed on any more. */
const ended = 2
const over = 3

/** How long a side has been silent, and whether it was asked for a sign of life. */
interface Silence {
  since: number
  isAsked: boolean
}

/**
 * A WebSocket through us: frames pass both ways as they come, pings, pongs and closes included, no faster than the slower side
 * reads. What is not whole, sound frames is not passed on and ends the connection.
 */
export class WebSocketRelay {
  readonly #parts: RelayParts
  readonly #up: FrameCounter
  readonly #down: FrameCounter
  readonly #clientSilence: Silence
  readonly #upstreamSilence: Silence
  #state = relaying
  #sweepsLeft = lingerSweeps
  #flushedBytes = 0
  #isExchangeOver = false

  constructor(parts: RelayParts) {
    const { isCompressed: isCompressible, maxMessageBytes, bill, socket, now } = parts
    this.#parts = parts
    this.#up = createFrameCounter({ isMasked: true, isCompressible, maxMessageBytes })
    this.#down = createFrameCounter({
      isMasked: false,
      isCompressible,
      maxMessageBytes: Number.MAX_SAFE_INTEGER,
    })
    this.#clientSilence = { since: now(), isAsked: false }
    this.#upstreamSilence = { since: now(), isAsked: false }
    if (bill !== null) bill.onUnrecorded = () => this.fail(closeCode.failed, 'usage cannot be recorded')
    socket.on('data', this.#onClientData)
    socket.on('drain', this.#onClientDrain)
    socket.on('end', this.#onClientEnd)
    socket.on('error', this.#onClientClose)
    socket.on('close', this.#onClientClose)
  }

  get bill(): ConnectionBill | null {
    return this.#parts.bill
  }

  /** Takes up what either side has said before. */
  start(fromClient: Buffer, fromUpstream: readonly Buffer[]): void {
    const { socket, exchange } = this.#parts
    if (socket.destroyed) {
      this.#finish()
      return
    }
    if (fromClient.length > 0) this.#onClientData(fromClient)
    socket.resume()
    for (const chunk of fromUpstream) this.onData(chunk)
    if (this.#state === relaying) exchange.resume()
  }

  onData(chunk: Buffer): boolean {
    if (this.#state >= ended) return true
    const { socket, now } = this.#parts
    this.#upstreamSilence.since = now()
    this.#upstreamSilence.isAsked = false
    const passed = this.#admit(this.#down, chunk)
    if (passed === undefined || passed.length === 0) return true
    return socket.write(passed)
  }

  onEnd(last: Buffer | undefined): void {
    if (last !== undefined) this.onData(last)
    this.#isExchangeOver = true
    if (this.#state === relaying) this.#state = ending
    if (this.#state === over) return
    // Nothing more can pass, so the bill is complete before the client sees the end.
    this.#parts.bill?.close()
    this.#parts.socket.end()
  }

  /** The upstream broke off. */
  onFailure(): void {
    this.#isExchangeOver = true
    if (this.#state < ended) this.fail(closeCode.failed, 'the upstream broke off')
  }

  /** The upstream takes more. */
  onDrain(): void {
    this.#clientSilence.since = this.#parts.now()
    if (this.#state < over) this.#parts.socket.resume()
  }

  /** Ends the connection with this close code on both sides, where a frame can still be put behind what was sent. */
  fail(code: number, reason: string): void {
    if (this.#state >= ended) return
    const { socket, exchange, bill } = this.#parts
    this.#state = ended
    bill?.close()
    if (this.#down.isAtBoundary && !this.#down.isClosing) socket.write(closeFrame(code, reason, false))
    socket.end()
    socket.resume()
    if (this.#isExchangeOver) return
    if (this.#up.isAtBoundary && !this.#up.isClosing) exchange.end(closeFrame(code, reason, true))
    else exchange.end()
    exchange.resume()
  }

  /** Ends it at once. */
  destroy(): void {
    this.#finish()
  }

  /** Looks at deadlines and signs of life; called with every sweep. */
  sweep(now: number): void {
    const { socket, exchange, idleMs } = this.#parts
    const flushed = socket.bytesWritten - socket.writableLength
    if (this.#state !== relaying) {
      this.#sweepsLeft = flushed === this.#flushedBytes ? this.#sweepsLeft - 1 : lingerSweeps
      this.#flushedBytes = flushed
      if (this.#sweepsLeft === 0) this.#finish()
      return
    }
    // A client that reads is there; one that we do not listen to cannot speak.
    if ((socket.writableLength > 0 && flushed !== this.#flushedBytes) || socket.isPaused())
      this.#clientSilence.since = now
    this.#flushedBytes = flushed
    // While the client does not read, we do not listen to the upstream.
    if (socket.writableNeedDrain) this.#upstreamSilence.since = now
    const isClientLost = isLost(this.#clientSilence, now, idleMs, this.#down.isAtBoundary, () =>
      socket.write(pingFrame(false)),
    )
    const isUpstreamLost = isLost(this.#upstreamSilence, now, idleMs, this.#up.isAtBoundary, () =>
      exchange.write(pingFrame(true)),
    )
    if (isClientLost || isUpstreamLost) this.fail(closeCode.goingAway, 'no sign of life')
  }

  readonly #onClientData = (chunk: Buffer): void => {
    if (this.#state >= ended || this.#isExchangeOver) return
    const { socket, exchange, now } = this.#parts
    this.#clientSilence.since = now()
    this.#clientSilence.isAsked = false
    const passed = this.#admit(this.#up, chunk)
    if (passed === undefined || passed.length === 0) return
    if (!exchange.write(passed)) socket.pause()
  }

  readonly #onClientDrain = (): void => {
    this.#upstreamSilence.since = this.#parts.now()
    this.#parts.exchange.resume()
  }

  readonly #onClientEnd = (): void => {
    if (this.#state === relaying) this.#state = ending
    if (this.#isExchangeOver) this.#finish()
    else if (this.#state === ending) this.#parts.exchange.end()
  }

  readonly #onClientClose = (): void => {
    this.#finish()
  }

  /** The part of a chunk that may be passed on; what it costs is covered then. */
  #admit(counter: FrameCounter, chunk: Buffer): Buffer | undefined {
    const length = counter.take(chunk)
    const isCovered = this.#parts.bill?.covers(this.#traffic()) !== false
    if (!isCovered) {
      this.fail(closeCode.policy, 'quota_exceeded')
      return undefined
    }
    const { problem } = counter
    if (problem === undefined) return chunk
    // What was sound of it goes out first, so that our close frame stands behind a whole one.
    const sound = chunk.subarray(0, length)
    if (sound.length > 0) {
      if (counter === this.#up) this.#parts.exchange.write(sound)
      else this.#parts.socket.write(sound)
    }
    this.fail(codeOf(problem), problem === 'too_big' ? 'the message is too big' : 'the frames are malformed')
    return undefined
  }

  #traffic(): Traffic {
    return {
      requestBytes: this.#up.bytes,
      responseBytes: this.#down.bytes,
      requestMessages: this.#up.messages,
      responseMessages: this.#down.messages,
    }
  }

  #finish(): void {
    if (this.#state === over) return
    const { socket, exchange, bill, onOver } = this.#parts
    this.#state = over
    bill?.close()
    exchange.abort()
    socket.destroy()
    onOver()
  }
}

const codeOf = (problem: FrameProblem): number =>
  problem === 'too_big' ? closeCode.tooBig : closeCode.malformed

/** Asks a silent side for a sign of life after half of the time, and gives it up after all of it. */
function isLost(silence: Silence, now: number, idleMs: number, mayAsk: boolean, ask: () => void): boolean {
  const silentMs = now - silence.since
  if (silentMs >= idleMs && silence.isAsked) return true
  if (silentMs >= idleMs / 2 && !silence.isAsked && mayAsk) {
    silence.isAsked = true
    ask()
    // Its answer gets the other half of the time, whatever went by before we came to ask.
    silence.since = now - idleMs / 2
  }
  return false
}
