import type { Refusal } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { UsageJournal } from '#ports/journal.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { Call } from '../call.ts'
import type { CurrentMonth } from '../current-month.ts'
import type { Grant } from '../grant.ts'
import type { Holds } from '../limits/holds.ts'
import type { Tariff, Traffic } from './tariff.ts'

/** What a connection asks again as long as it lives. */
export interface Terms {
  /** Whether it would be let in now. */
  standing(nowMs: number): { readonly ok: true; readonly grant: Grant } | Refusal
  /** Holds further units; null when the quota has no more. */
  hold(grant: Grant, units: number, nowMs: number): Holds | null
}

/** What a bill needs. */
export interface BillDeps {
  readonly journal: UsageJournal
  readonly metrics: Pick<Metrics, 'usageEvents'>
  readonly clock: Clock
  readonly ids: Ids
  readonly currentMonth: CurrentMonth
}

const nothing: Traffic = { requestBytes: 0, responseBytes: 0, requestMessages: 0, responseMessages: 0 }

/**
 * The bill of one WebSocket: one usage event for the upgrade, one for each stretch after it, each with what was used since the one
 * before. A crash loses at most the stretch under way, and nothing is counted twice.
 */
export class ConnectionBill {
  grant: Grant
  /** Called when a stretch could not be recorded: what it used is charged to nobody, and kept for the next attempt. */
  onUnrecorded: () => void = () => {}
  readonly #deps: BillDeps
  readonly #call: Call
  readonly #terms: Terms
  readonly #tariff: Tariff
  #monthStart: number
  #holds: Holds
  #heldUnits: number
  #stretchStart: number
  #billedUnits = 0
  /** What may be billed: traffic that was passed on. */
  #covered = nothing
  #recordedRequestBytes = 0
  #recordedResponseBytes = 0
  #isClosed = false

  constructor(deps: BillDeps, call: Call, grant: Grant, terms: Terms, tariff: Tariff) {
    this.#deps = deps
    this.#call = call
    this.grant = grant
    this.#terms = terms
    this.#tariff = tariff
    this.#holds = call.holds
    this.#heldUnits = call.plans.metering.worstCaseUnits
    this.#monthStart = deps.currentMonth(call.startedAt).start
    this.#stretchStart = call.startedAt
  }

  /** Records the upgrade itself; `then(false)` when that failed, and nothing was charged. */
  open(headers: readonly string[], then: (isRecorded: boolean) => void): void {
    this.#tariff.onHead(headers)
    this.#record(this.#call.id, then)
    this.#hold(this.#tariff.slice, 0)
  }

  /** Whether the connection may go on to this traffic; what it costs is then held. */
  covers(traffic: Traffic): boolean {
    if (this.#unitsAfter(traffic) > this.#heldUnits) {
      this.checkpoint()
      const due = this.#unitsAfter(traffic)
      if (due > this.#heldUnits) this.#hold(Math.max(due, this.#tariff.slice), due)
      if (due > this.#heldUnits) return false
    }
    this.#covered = traffic
    return true
  }

  /** Records what was used since the last time, if anything was. */
  checkpoint(): void {
    if (this.#isClosed) return
    const now = this.#deps.clock.now()
    const { requestBytes, responseBytes } = this.#covered
    const isUnused =
      this.#unitsAfter(this.#covered) === 0 &&
      requestBytes === this.#recordedRequestBytes &&
      responseBytes === this.#recordedResponseBytes
    if (isUnused) this.#beginStretch(now)
    else
      this.#record(this.#deps.ids.next('req'), (isRecorded) => {
        if (!isRecorded) this.onUnrecorded()
      })
    // What is held belongs to a month, and a recorded stretch has used its own.
    if (this.#heldUnits === 0) this.#hold(this.#tariff.slice, 0)
  }

  /** Records the rest and gives back what is still held; does nothing a second time. */
  close(): void {
    if (this.#isClosed) return
    this.checkpoint()
    this.#isClosed = true
    this.#release(0)
    this.#call.holds.settle(0)
  }

  /** Takes over the terms of a changed key, subscription or plan. */
  renew(grant: Grant): void {
    if (grant === this.grant) return
    if (grant.subscription.id !== this.grant.subscription.id) {
      this.checkpoint()
      this.#release(0)
    }
    this.grant = grant
  }

  #record(id: string, then: (isRecorded: boolean) => void): void {
    const { journal, metrics, clock } = this.#deps
    const now = clock.now()
    const units = this.#unitsAfter(this.#covered)
    const event = this.#event(id, units, now)
    const holds = this.#holds
    this.#billedUnits += units
    this.#recordedRequestBytes += event.request_bytes
    this.#recordedResponseBytes += event.response_bytes
    this.#release(units)
    this.#beginStretch(now)
    journal.append(event, (error) => {
      if (error === undefined) {
        if (units > 0) metrics.usageEvents(1)
      } else {
        holds.giveBack(units)
        this.#billedUnits -= units
        this.#recordedRequestBytes -= event.request_bytes
        this.#recordedResponseBytes -= event.response_bytes
      }
      then(error === undefined)
    })
  }

  /** Units that are due once this traffic is there. */
  #unitsAfter(traffic: Traffic): number {
    return Math.max(0, this.#tariff.unitsOf(traffic) - this.#billedUnits)
  }

  #event(id: string, units: number, now: number) {
    const call = this.#call
    const { key, subscription, plan } = this.grant
    const { requestBytes, responseBytes } = this.#covered
    return {
      id,
      at: this.#stretchStart,
      request_id: call.requestId,
      organization_id: key.organizationId,
      api_id: call.route.apiId,
      subscription_id: subscription.id,
      plan_id: plan.id,
      api_key_id: key.id,
      route_id: call.route.id,
      method: call.inbound.method,
      path: call.path,
      status: 101,
      units,
      request_bytes: requestBytes - this.#recordedRequestBytes,
      response_bytes: responseBytes - this.#recordedResponseBytes,
      duration_ms: now - this.#stretchStart,
    }
  }

  #beginStretch(now: number): void {
    this.#stretchStart = now
    const { start } = this.#deps.currentMonth(now)
    if (start === this.#monthStart) return
    this.#monthStart = start
    this.#release(0)
  }

  #release(used: number): void {
    this.#holds.settleUnits(used)
    this.#heldUnits = 0
  }

  /** Holds anew, as much as is wanted or at least what is needed, where the quota has it. */
  #hold(wanted: number, needed: number): void {
    if (wanted === 0 || this.#isClosed) return
    this.#release(0)
    const now = this.#deps.clock.now()
    for (const units of wanted === needed ? [wanted] : [wanted, needed]) {
      const holds = units === 0 ? null : this.#terms.hold(this.grant, units, now)
      if (holds === null) continue
      this.#holds = holds
      this.#heldUnits = units
      return
    }
  }
}
