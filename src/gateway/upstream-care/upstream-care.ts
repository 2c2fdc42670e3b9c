import { newRotation, nextTurn, type Rotation, restart } from '#domain/upstream/rotation.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { UpstreamMetrics } from '#ports/metrics.ts'
import type { UpstreamEntry } from '#ports/snapshot.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import type { UpstreamPool } from '../upstream/types.ts'
import { type Alternatives, CaredExchange } from './cared-exchange.ts'
import { startHealthCheck } from './health-check.ts'
import { TargetCare, type TargetEvent } from './target-care.ts'

/** A pool, and what every request to it begins with. */
export interface UpstreamDoor {
  readonly pool: UpstreamPool
  /** The path of the target's URL, without a slash at its end. */
  readonly basePath: string
  /** Host and port for the Host header. */
  readonly host: string
}

/** What caring needs. */
export interface CareDeps {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: UpstreamMetrics
  readonly duty: CheckDuty
}

/** Whether this gateway asks targets for their health itself; of several workers one does, and tells the others. */
export interface CheckDuty {
  readonly isOn: boolean
  /** Called when a target begins to pass or to fail its checks. */
  readonly changed: () => void
}

/** An upstream as this process knows it: chooses the target of each request and remembers how they do. */
export class UpstreamCare implements Alternatives {
  private readonly deps: CareDeps
  private upstream: UpstreamEntry
  private targets: readonly TargetCare[] = []
  private doors: readonly UpstreamDoor[] = []
  private rotation: Rotation = newRotation([])
  private checksShape = ''
  private stopChecks: readonly (() => void)[] = []

  constructor(upstream: UpstreamEntry, deps: CareDeps) {
    this.deps = deps
    this.upstream = upstream
    this.configure(upstream)
  }

  /** Goes on under new settings; a target whose URL stays keeps its connections and what is known of it. */
  configure(upstream: UpstreamEntry): void {
    const { deps, targets: before, upstream: old } = this
    this.upstream = upstream
    this.targets = upstream.targets.map((target) => {
      const known = before.find(({ url }) => url === target.url)
      known?.configure(target, upstream)
      return known ?? new TargetCare(target, upstream, deps.clock, this.onEvent)
    })
    this.doors = this.targets.map((target) => this.doorTo(target))
    const weights = upstream.targets.map(({ weight }) => weight)
    const isSameRotation =
      before.length === weights.length &&
      this.targets.every((target, index) => target === before[index]) &&
      weights.every((weight, index) => weight === this.rotation.weights[index])
    if (!isSameRotation) this.rotation = newRotation(weights)
    for (const target of before) if (!this.targets.includes(target)) target.pool.close()
    for (const { index } of old.targets) deps.metrics.upstreamHealth(old.name, index, null)
    for (const target of this.targets) this.report(target)
    this.renewChecks()
  }

  /** The door of the target whose turn it is. */
  door(): UpstreamDoor {
    const { doors } = this
    const index = doors.length === 1 ? 0 : this.turn()
    const door = doors[index] ?? doors[0]
    if (door === undefined) throw new RangeError('an upstream has at least one target')
    return door
  }

  instead(tried: readonly TargetCare[]): TargetCare | undefined {
    const { targets } = this
    const turn = (fits: (target: TargetCare) => boolean): TargetCare | undefined =>
      targets[
        nextTurn(this.rotation, (index) => {
          const target = targets[index]
          return target?.hasRoom === true && target.msUntilPassable === 0 && fits(target)
        })
      ]
    const isNew = (target: TargetCare): boolean => !tried.includes(target)
    return turn((target) => isNew(target) && target.health.isUp) ?? turn(isNew) ?? turn(() => true)
  }

  get msUntilPassable(): number {
    return Math.min(...this.targets.map((target) => target.msUntilPassable))
  }

  /** The URLs of targets that fail their checks. */
  down(): readonly string[] {
    return this.targets.filter(({ health }) => !health.isUp).map(({ url }) => url)
  }

  /** Takes over what another worker found out: these targets fail their checks, the others do not. */
  believe(down: ReadonlySet<string>): void {
    for (const target of this.targets) {
      if (!target.believe(!down.has(target.url))) continue
      restart(this.rotation)
      this.report(target)
    }
  }

  status(): UpstreamStatus {
    const { id, name } = this.upstream
    return { id, name, targets: this.targets.map((target) => target.status()) }
  }

  /** Ends the checks and closes the connections, the busy ones when their exchange ends. */
  close(): void {
    for (const stop of this.stopChecks) stop()
    this.stopChecks = []
    this.checksShape = ''
    for (const target of this.targets) target.pool.close()
    for (const { index } of this.upstream.targets)
      this.deps.metrics.upstreamHealth(this.upstream.name, index, null)
  }

  /** Healthy targets with room, then healthy ones, then any that a breaker lets through; the first, to be refused, without one. */
  private turn(): number {
    const { rotation } = this
    let index = nextTurn(rotation, this.isReady)
    if (index === -1) index = nextTurn(rotation, this.isHealthy)
    if (index === -1) index = nextTurn(rotation, this.isPassable)
    return index
  }

  private readonly isPassable = (index: number): boolean => this.targets[index]?.msUntilPassable === 0

  private readonly isHealthy = (index: number): boolean =>
    this.targets[index]?.health.isUp === true && this.isPassable(index)

  private readonly isReady = (index: number): boolean =>
    this.targets[index]?.hasRoom === true && this.isHealthy(index)

  private doorTo(target: TargetCare): UpstreamDoor {
    const pool: UpstreamPool = {
      send: (request, listener) => new CaredExchange(this, target, request, listener).start(),
      stats: () => target.pool.stats(),
      close: () => target.pool.close(),
    }
    return { pool, basePath: target.basePath, host: target.host }
  }

  private readonly onEvent = (target: TargetCare, event: TargetEvent): void => {
    // A target that left the upstream still answers its last requests.
    if (!this.targets.includes(target)) return
    const { log } = this.deps
    const fields = { upstream: this.upstream.name, target: target.url }
    restart(this.rotation)
    this.report(target)
    if (event === 'up' || event === 'down') this.deps.duty.changed()
    if (event === 'opened') log.warn(fields, 'upstream target failed too often and gets no requests')
    else if (event === 'closed') log.info(fields, 'upstream target answers again')
    else if (event === 'up') log.info(fields, 'upstream target is healthy again')
    else log.warn(fields, 'upstream target fails its health checks')
    if (event === 'down' && this.targets.every(({ health }) => !health.isUp))
      log.warn(fields, 'no target passes its health checks: requests are tried all the same')
  }

  private report(target: TargetCare): void {
    this.deps.metrics.upstreamHealth(this.upstream.name, target.target.index, target.isUsed)
  }

  /** Begins or ends the checks where settings or duty have changed. */
  renewChecks(): void {
    const { healthCheck, authHeader } = this.upstream
    const urls = this.targets.map(({ url }) => url)
    const isChecked = healthCheck !== null && this.deps.duty.isOn
    const shape = !isChecked ? '' : JSON.stringify([healthCheck, authHeader, urls])
    if (shape === this.checksShape) return
    for (const stop of this.stopChecks) stop()
    this.checksShape = shape
    this.stopChecks = !isChecked ? [] : this.targets.map(startHealthCheck)
  }
}
