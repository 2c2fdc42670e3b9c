import { randomBytes } from 'node:crypto'
import { Fault } from '#contract/outcome.ts'
import { type HeldByWorker, heldByWorker } from './held-by-worker.ts'
import { type ScopeKey, scopeKey } from './scope-key.ts'
import { SharedWords } from './shared-words.ts'
import { type IsIdle, mostWorkers, SlotRegion } from './slot-region.ts'
import {
  layoutOf,
  marksPerSlot,
  placeOf,
  readHeader,
  type TableSize,
  usualSize,
  writeHeader,
} from './table-layout.ts'

const dayMs = 86_400_000
const latestTime = 2 ** 37 - 1

/** The three ways to count over time, and places held; one set for what has a record, one for addresses. */
export interface CountRegions {
  /** Its time: until when the count says anything. */
  readonly rate: SlotRegion
  readonly sliding: SlotRegion
  /** The marks of a slot of `sliding` begin at `marksAt + slot * marksPerSlot`. */
  readonly marks: SharedWords
  readonly marksAt: number
  readonly place: SlotRegion
  readonly held: HeldByWorker
}

/** Quota counters: units used and held of a subscription's month, 64 bits each. */
export interface QuotaRegion {
  /** Its time: when the month is over. */
  readonly months: SlotRegion
  readonly taken: BigInt64Array
  readonly held: HeldByWorker
}

/**
 * All state of all limits, in one shared buffer: as exact for several workers as for one. Nothing here waits, and nothing is
 * allocated by counting.
 */
export interface LimitTable {
  readonly buffer: SharedArrayBuffer
  readonly workerNumber: number
  readonly known: CountRegions
  readonly addresses: CountRegions
  readonly quotas: QuotaRegion
  /** The key of a count in this table; `within` another one, the text tells counts of the same limit apart. */
  key(text: string, within?: ScopeKey): ScopeKey
  /** A moment in milliseconds UTC as the table counts time. */
  timeOf(atMs: number): number
  /** Gives back what a worker held that is no more. Call once, before its number is used again. */
  releaseWorker(workerNumber: number): void
}

/** Opens the table in a buffer that another worker made, as its worker `workerNumber`. */
export function openLimitTable(buffer: SharedArrayBuffer, workerNumber: number): LimitTable {
  const { size, workers, seed, epochMs } = readHeader(buffer)
  if (!Number.isInteger(workerNumber) || workerNumber < 0 || workerNumber >= workers)
    throw new Fault('internal_error', `The table of limits has no worker ${workerNumber}`)
  const layout = layoutOf(size, workers)
  const views = { big: new BigInt64Array(buffer), ints: new Int32Array(buffer) }
  const { regions, heldAt } = layout
  const taken = new BigInt64Array(buffer, layout.takenAt, size.quotas)
  const held = (at: number, slots: number, worker = workerNumber): HeldByWorker =>
    heldByWorker(buffer, at, slots, worker)

  const counts = (prefix: '' | 'address'): CountRegions => {
    const [rate, sliding, place] =
      prefix === ''
        ? (['rate', 'sliding', 'place'] as const)
        : (['addressRate', 'addressSliding', 'addressPlace'] as const)
    const marks = new SharedWords(views.big)
    const marksAt = layout.marksAt[sliding] / 8
    const clearMarks = (slot: number, time: number): void => {
      // A mark that another worker meant for the slot's earlier owner must not find what it expects.
      for (let index = 0; index < marksPerSlot; index++)
        Atomics.store(views.big, marksAt + slot * marksPerSlot + index, unwritten(time))
    }
    return {
      rate: new SlotRegion(placeOf(views, regions[rate]), workerNumber, isPast),
      sliding: new SlotRegion(placeOf(views, regions[sliding]), workerNumber, isPast, clearMarks),
      marks,
      marksAt,
      place: new SlotRegion(placeOf(views, regions[place]), workerNumber, isEmpty),
      held: held(heldAt[place], regions[place].slots),
    }
  }

  const known = counts('')
  const addresses = counts('address')
  const months = new SlotRegion(placeOf(views, regions.quota), workerNumber, isLongPast, (slot) => {
    Atomics.store(taken, slot, 0n)
  })

  return {
    buffer,
    workerNumber,
    known,
    addresses,
    quotas: { months, taken, held: held(heldAt.quota, size.quotas) },
    key: (text, within) => scopeKey(text, within ?? seed),
    timeOf: (atMs) => Math.min(latestTime, Math.max(1, Math.trunc(atMs) - epochMs)),
    releaseWorker(gone) {
      for (const [part, at] of [
        [known, heldAt.place],
        [addresses, heldAt.addressPlace],
      ] as const)
        held(at, size.places, gone).takeAll((slot, amount) => leavePlaces(part.place, slot, amount))
      held(heldAt.quota, size.quotas, gone).takeAll((slot, amount) => {
        Atomics.sub(taken, slot, BigInt(amount))
      })
      for (const { rate, sliding, place } of [known, addresses])
        for (const region of [rate, sliding, place]) region.freeReservations(gone)
      months.freeReservations(gone)
    },
  }
}

/** Makes a new table for so many workers; this one is its worker 0. */
export function createLimitTable(options: {
  readonly nowMs: number
  readonly workers: number
  readonly size?: TableSize
}): LimitTable {
  const { nowMs, workers, size = usualSize } = options
  if (workers < 1 || workers > mostWorkers)
    throw new Fault('internal_error', `A table of limits is for 1 to ${mostWorkers} workers`)
  const seed = randomBytes(8)
  const buffer = new SharedArrayBuffer(layoutOf(size, workers).bytes)
  writeHeader(buffer, {
    size,
    workers,
    seed: { low: seed.readInt32LE(0), high: seed.readInt32LE(4) },
    // A clock may be set back a little after the start.
    epochMs: Math.trunc(nowMs) - 2 * dayMs,
  })
  return openLimitTable(buffer, 0)
}

/** Gives places of a slot back. */
export function leavePlaces(region: SlotRegion, slot: number, amount: number): void {
  for (;;) {
    region.load(slot)
    const { time, value } = region.words
    if (region.swap(slot, time, Math.max(0, value - amount))) return
  }
}

const isPast: IsIdle = (time, _value, now) => time < now

const isEmpty: IsIdle = (_time, value) => value === 0

// A request may outlive its month and still give units back.
const isLongPast: IsIdle = (time, _value, now) => time + dayMs < now

/** A mark of time 0, another one for each owner of the slot. */
const unwritten = (time: number): bigint => BigInt(time % 2 ** 27)
