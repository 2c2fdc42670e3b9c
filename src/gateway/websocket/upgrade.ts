import { refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { GatewaySettings } from '#ports/snapshot.ts'
import { passedLines } from '../answer-headers.ts'
import type { Call } from '../call.ts'
import type { Upgrading } from '../forward.ts'
import { limitLines } from '../limit-headers.ts'
import { answerRefusal } from '../refuse.ts'
import type { SnapshotHolder } from '../snapshot.ts'
import type { UpgradeOffer, UpstreamExchange, UpstreamFailure, UpstreamListener } from '../upstream/types.ts'
import type { ConnectionBill } from './connection-bill.ts'
import { type Handshake, readAgreement } from './handshake.ts'
import { WebSocketRelay } from './relay.ts'

/** Makes the relay of an upgrade that both sides agreed to. */
export type Opened = (onOver: () => void) => WebSocketRelay

/** What an upgrade needs. */
export interface UpgradeDeps {
  readonly call: Call
  readonly handshake: Handshake
  readonly bill: ConnectionBill | null
  readonly clock: Clock
  readonly snapshots: SnapshotHolder
  readonly onOpened: (opened: Opened) => void
}

/**
 * Stands between an exchange and its forwarding. An answer other than 101 is the forwarding's; with 101 the upgrade is recorded,
 * and the relay takes both sides over.
 */
export class WebSocketUpgrade implements Upgrading, UpstreamListener {
  readonly offer: UpgradeOffer
  readonly #deps: UpgradeDeps
  readonly #settings: GatewaySettings
  #forwarding: UpstreamListener | undefined
  #exchange: UpstreamExchange | undefined
  #relay: WebSocketRelay | undefined
  #isAgreed = false
  /** What the upstream said before the relay was there. */
  readonly #early: Buffer[] = []
  #afterEarly: (() => void) | undefined

  constructor(deps: UpgradeDeps) {
    this.#deps = deps
    this.#settings = deps.snapshots.current().settings
    this.offer = { protocol: 'websocket', stallMs: this.#settings.webSocketIdleMs }
  }

  listen(forwarding: UpstreamListener): UpstreamListener {
    this.#forwarding = forwarding
    return this
  }

  begin(exchange: UpstreamExchange): void {
    this.#exchange = exchange
  }

  onHead(status: number, reason: string, headers: string[], bodyLength: number | undefined): void {
    if (status === 101) this.#agree(headers)
    else this.#forwarding?.onHead(status, reason, headers, bodyLength)
  }

  onData(chunk: Buffer): boolean {
    if (this.#relay !== undefined) return this.#relay.onData(chunk)
    if (!this.#isAgreed) return this.#forwarding?.onData(chunk) ?? true
    this.#early.push(chunk)
    return false
  }

  onEnd(last: Buffer | undefined, trailers: readonly string[]): void {
    if (!this.#isAgreed) this.#forwarding?.onEnd(last, trailers)
    else if (this.#relay !== undefined) this.#relay.onEnd(last)
    else this.#afterEarly = () => this.#relay?.onEnd(last)
  }

  onFailure(failure: UpstreamFailure, detail: string, sent: boolean, retryAfterMs?: number): void {
    if (!this.#isAgreed) this.#forwarding?.onFailure(failure, detail, sent, retryAfterMs)
    else if (this.#relay !== undefined) this.#relay.onFailure()
    else this.#afterEarly = () => this.#relay?.onFailure()
  }

  onDrain(): void {
    if (this.#relay !== undefined) this.#relay.onDrain()
    else if (!this.#isAgreed) this.#forwarding?.onDrain()
  }

  #agree(headers: string[]): void {
    const { handshake, bill } = this.#deps
    const agreement = readAgreement(handshake, headers)
    const passed = passedLines(headers)
    if (!agreement.ok || passed === undefined) {
      this.#exchange?.abort()
      const detail = agreement.ok ? 'a header is not one line' : agreement.detail
      this.#forwarding?.onFailure('protocol', detail, true)
      return
    }
    this.#isAgreed = true
    // From here on the connection settles what it holds itself.
    this.#deps.call.isSettled = true
    this.#exchange?.pause()
    const proceed = (isRecorded: boolean): void => {
      if (isRecorded) this.#takeOver(passed.lines, agreement.isCompressed)
      else this.#giveUp()
    }
    if (bill === null) proceed(true)
    else bill.open(headers, proceed)
  }

  #takeOver(lines: string, isCompressed: boolean): void {
    const { call, bill, clock, onOpened } = this.#deps
    const exchange = this.#exchange
    const limits = limitLines(call.holds.limits, clock.now())
    const taken = call.inbound.takeSocket?.(
      `${lines}Connection: Upgrade\r\nUpgrade: websocket\r\nX-Request-Id: ${call.requestId}\r\n${limits}`,
    )
    if (taken === undefined || exchange === undefined) {
      exchange?.abort()
      bill?.close()
      call.holds.settle(0)
      return
    }
    onOpened((onOver) => {
      this.#relay = new WebSocketRelay({
        socket: taken.socket,
        exchange,
        bill,
        isCompressed,
        maxMessageBytes: this.#settings.maxBodyBytes,
        idleMs: this.#settings.webSocketIdleMs,
        now: () => clock.now(),
        onOver,
      })
      return this.#relay
    })
    this.#relay?.start(taken.early, this.#early.splice(0))
    this.#afterEarly?.()
  }

  #giveUp(): void {
    const { call, bill } = this.#deps
    this.#exchange?.abort()
    bill?.close()
    const refusal = refuse('service_unavailable', 'Usage cannot be recorded at the moment')
    answerRefusal(call.inbound, refusal, call.requestId, 'Retry-After: 1\r\n')
  }
}
