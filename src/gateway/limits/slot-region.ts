import type { ScopeKey } from './scope-key.ts'
import { freeValue, mostValue, SharedWords } from './shared-words.ts'

/** What a region needs of its buffer. */
export interface RegionPlace {
  readonly big: BigInt64Array
  readonly ints: Int32Array
  /** First 64-bit word of the states, one a slot. */
  readonly statesAt: number
  /** First 32-bit word of the keys, two a slot. */
  readonly keysAt: number
  /** A power of two. */
  readonly slots: number
}

/** Whether the count of a live word says no more than a new one would: its slot may be taken for another. */
export type IsIdle = (time: number, value: number, now: number) => boolean

/** So far from where it belongs a count may stand. */
const mostSteps = 64
const mostYields = 64
const reservationsPerWorker = 65_536

/** The most workers that can share a table: each has reservation marks of its own. */
export const mostWorkers = 256

/** From here on a word says that its slot is being taken, and still shows the key of whoever had it before. */
const firstTaking = mostValue + 1
/** From here on: that the slot is reserved, and shows the key that it is reserved for. */
const firstReservation = firstTaking + mostWorkers * reservationsPerWorker

/**
 * Counts by key in a fixed number of slots, found by open addressing and shared by threads. A slot changes hands by
 * compare-and-swap of its state, and the state of each owner is later in time than any of an earlier one: whoever still means the
 * earlier owner fails to swap. Read the state before the key (`find` does), swap after: then a swap that succeeds hit the right key.
 */
export class SlotRegion {
  readonly words: SharedWords
  readonly slots: number
  private readonly place: RegionPlace
  private readonly steps: number
  private readonly other: SharedWords
  private readonly isIdle: IsIdle
  private readonly clear: (slot: number, time: number) => void
  private readonly worker: number
  private reservations = 0

  constructor(
    place: RegionPlace,
    worker: number,
    isIdle: IsIdle,
    clear: (slot: number, time: number) => void = () => {},
  ) {
    this.place = place
    this.slots = place.slots
    this.steps = Math.min(mostSteps, place.slots)
    this.worker = worker
    this.words = new SharedWords(place.big)
    this.other = new SharedWords(place.big)
    this.isIdle = isIdle
    this.clear = clear
  }

  /** The slot of a key, its state loaded; -1 when it has none. */
  find(key: ScopeKey): number {
    if (key.slot >= 0 && this.holds(key.slot, key)) return key.slot
    const { slots, words } = this
    for (let step = 0; step < this.steps; step++) {
      const slot = (key.low + step) & (slots - 1)
      if (this.holds(slot, key)) {
        key.slot = slot
        return slot
      }
      // Whoever takes a slot takes the first that it may: behind one that nobody ever took there is nothing.
      if (words.isUntouched) return -1
    }
    return -1
  }

  /** The slot of a key, its state loaded; made, counting nothing from `freshTime` on, where there is none. -1: all are in use. */
  findOrMake(key: ScopeKey, now: number, freshTime: number): number {
    for (let attempt = 0; ; attempt++) {
      const found = this.find(key)
      if (found >= 0) return found
      const slot = this.reserve(key, now, freshTime)
      if (slot === -1) return -1
      if (slot >= 0 && this.isAlone(slot, key, attempt) && this.commit(slot)) {
        key.slot = slot
        return slot
      }
    }
  }

  /** Changes the loaded state of a slot where nobody else did since. */
  swap(slot: number, time: number, value: number): boolean {
    return this.words.swap(this.place.statesAt + slot, time, value)
  }

  /** Loads the state of a slot. */
  load(slot: number): void {
    this.words.load(this.place.statesAt + slot)
  }

  /** Frees the slots that a worker had only begun to take when it ended. */
  freeReservations(worker: number): void {
    for (let slot = 0; slot < this.slots; slot++) {
      this.load(slot)
      if (isMarkOf(worker, this.words.value)) this.free(slot)
    }
  }

  /** Loads a slot's state, then looks whose it is. */
  private holds(slot: number, key: ScopeKey): boolean {
    this.load(slot)
    return this.words.isLive && this.isKeyOf(slot, key)
  }

  private isKeyOf(slot: number, key: ScopeKey): boolean {
    const { ints, keysAt } = this.place
    const at = keysAt + 2 * slot
    return Atomics.load(ints, at) === key.low && Atomics.load(ints, at + 1) === key.high
  }

  /** Takes the first slot that may be taken and writes the key there; -1 when there is none, -2 when another was faster. */
  private reserve(key: ScopeKey, now: number, freshTime: number): number {
    const { words, place } = this
    for (let step = 0; step < this.steps; step++) {
      const slot = (key.low + step) & (this.slots - 1)
      this.load(slot)
      const { time, value } = words
      const mayTake =
        value === freeValue || words.isUntouched || (value <= mostValue && this.isIdle(time, value, now))
      if (!mayTake) continue
      const begins = Math.max(freshTime, time + 1)
      this.reservations = (this.reservations + 1) % reservationsPerWorker
      const mark = this.worker * reservationsPerWorker + this.reservations
      if (!this.swap(slot, begins, firstTaking + mark)) return -2
      this.clear(slot, begins)
      const at = place.keysAt + 2 * slot
      Atomics.store(place.ints, at, key.low)
      Atomics.store(place.ints, at + 1, key.high)
      // From here on another worker may free the slot and give it away: nothing is written any more that is not swapped.
      return this.swap(slot, begins, firstReservation + mark) ? slot : -2
    }
    return -1
  }

  /**
   * Makes sure that no other slot has the key, or gives the reserved one up. Both of two workers that take the same key at once
   * have written it before they look, so at least one sees the other; the one nearer to the beginning stays.
   */
  private isAlone(reserved: number, key: ScopeKey, attempt: number): boolean {
    const { other, place } = this
    for (let step = 0; step < this.steps; step++) {
      const slot = (key.low + step) & (this.slots - 1)
      if (slot === reserved) continue
      other.load(place.statesAt + slot)
      if (other.isUntouched) break
      if (!showsOwnKey(other.value) || !this.isKeyOf(slot, key)) continue
      const isAhead = ((slot - key.low) & (this.slots - 1)) < ((reserved - key.low) & (this.slots - 1))
      // Nobody waits for ever for one that does not go on.
      const yields = other.isLive || (isAhead && attempt < mostYields)
      if (!yields && other.swap(place.statesAt + slot, other.time, freeValue)) continue
      this.free(reserved)
      return false
    }
    return true
  }

  /** Opens the reserved slot: its state is what reserve wrote, unless another worker took the slot back. */
  private commit(slot: number): boolean {
    return this.swap(slot, this.words.time, 0)
  }

  /** Lets the loaded slot go. */
  private free(slot: number): void {
    this.swap(slot, this.words.time, freeValue)
  }
}

/** Whether the key of a slot with such a value is that of whoever has it or is taking it. */
const showsOwnKey = (value: number): boolean =>
  value <= mostValue || (value >= firstReservation && value !== freeValue)

/** Whether a value is a mark of a worker that is taking a slot. */
const isMarkOf = (worker: number, value: number): boolean =>
  [firstTaking, firstReservation].some(
    (first) => Math.floor((value - first) / reservationsPerWorker) === worker,
  )
