import type { ConnectionOwner } from './connection-owner.ts'

const never = Number.POSITIVE_INFINITY

/** How long a connection waits for its client: the tick at which what is awaited must have come. */
export class Patience {
  private readonly owner: ConnectionOwner
  private deadline: number
  private isInHead = true
  private probeTicks = 1

  /** Waits for the first head. */
  constructor(owner: ConnectionOwner) {
    this.owner = owner
    this.deadline = owner.tick + owner.headTicks
  }

  /** A head has begun and is not complete. */
  get isForHead(): boolean {
    return this.isInHead
  }

  /** True once when the deadline has passed: then nothing is awaited until it is said again. */
  isOver(tick: number): boolean {
    if (this.deadline > tick) return false
    this.deadline = never
    return true
  }

  /** The next piece of a head, all of which has its time from its first byte. */
  forHead(): void {
    if (!this.isInHead) this.deadline = this.owner.tick + this.owner.headTicks
    this.isInHead = true
  }

  /** The head is complete: it is our turn. */
  forNothing(): void {
    this.isInHead = false
    this.deadline = never
  }

  forRequest(): void {
    this.deadline = this.owner.tick + this.owner.idleTicks
  }

  /** The next piece of a body. */
  forBody(isComplete: boolean): void {
    this.deadline = isComplete ? never : this.owner.tick + this.owner.silenceTicks
  }

  /** The client's end of the connection, after ours. */
  forEnd(): void {
    this.deadline = this.owner.tick + this.owner.lingerTicks
  }

  /** The next sweep. */
  forSweep(): void {
    this.deadline = this.owner.tick + 1
  }

  /** An answer to a probe: each time twice as long. */
  forProbe(): void {
    this.deadline = this.owner.tick + this.probeTicks
    this.probeTicks *= 2
  }
}
