import { Fault } from '#contract/outcome.ts'
import type { RegionPlace } from './slot-region.ts'

/** Sub-windows that a sliding window remembers: sixty, and the one that is only partly over. */
export const marksPerSlot = 61

/** How many counts of each kind a table has room for; powers of two. */
export interface TableSize {
  /** Buckets and fixed windows. */
  readonly rates: number
  /** Sliding windows, which need more room each. */
  readonly slidings: number
  /** Concurrency. */
  readonly places: number
  /** Subscriptions that use an API in a month. */
  readonly quotas: number
}

/** Room for what has a record of its own, and as much again for addresses, which nobody counts. Untouched memory costs nothing. */
export const usualSize: TableSize = { rates: 262_144, slidings: 16_384, places: 65_536, quotas: 262_144 }

const format = 0x41_47_4c_31
const headerBytes = 64

/** The first bytes of a table: what every worker must know the same. */
export interface TableHeader {
  readonly size: TableSize
  readonly workers: number
  readonly seed: { readonly low: number; readonly high: number }
  /** Where the time of the table begins, milliseconds UTC. */
  readonly epochMs: number
}

/** Writes the header of a new buffer. */
export function writeHeader(buffer: SharedArrayBuffer, header: TableHeader): void {
  const { size, seed, workers, epochMs } = header
  new Int32Array(buffer).set([
    format,
    workers,
    seed.low,
    seed.high,
    size.rates,
    size.slidings,
    size.places,
    size.quotas,
  ])
  new Float64Array(buffer)[headerBytes / 8 - 1] = epochMs
}

/** Reads the header; a buffer of another kind is a Fault. */
export function readHeader(buffer: SharedArrayBuffer): TableHeader {
  const [found, workers = 0, low = 0, high = 0, rates = 0, slidings = 0, places = 0, quotas = 0] =
    buffer.byteLength < headerBytes ? [] : new Int32Array(buffer, 0, 8)
  if (found !== format) throw new Fault('internal_error', 'The shared memory is no table of limits')
  const epochMs = new Float64Array(buffer)[headerBytes / 8 - 1] as number
  return { size: { rates, slidings, places, quotas }, workers, seed: { low, high }, epochMs }
}

/** Where the parts of a table begin, in bytes. */
export interface TableLayout {
  readonly bytes: number
  readonly regions: Readonly<Record<RegionName, { readonly slots: number; readonly at: number }>>
  readonly marksAt: Readonly<Record<'sliding' | 'addressSliding', number>>
  readonly takenAt: number
  /** Columns of what workers hold. */
  readonly heldAt: Readonly<Record<'place' | 'addressPlace' | 'quota', number>>
}

/** The regions of a table; addresses have regions of their own, so that whoever comes from many leaves no customer without a count. */
export type RegionName =
  | 'rate'
  | 'addressRate'
  | 'sliding'
  | 'addressSliding'
  | 'place'
  | 'addressPlace'
  | 'quota'

/** Lays a table out. */
export function layoutOf({ rates, slidings, places, quotas }: TableSize, workers: number): TableLayout {
  let bytes = headerBytes
  const take = (count: number): number => {
    const at = bytes
    bytes += count
    return at
  }
  const region = (slots: number) => ({ slots, at: take(slots * 16) })
  return {
    regions: {
      rate: region(rates),
      addressRate: region(rates),
      sliding: region(slidings),
      addressSliding: region(slidings),
      place: region(places),
      addressPlace: region(places),
      quota: region(quotas),
    },
    marksAt: {
      sliding: take(slidings * marksPerSlot * 8),
      addressSliding: take(slidings * marksPerSlot * 8),
    },
    takenAt: take(quotas * 8),
    heldAt: {
      place: take(places * 8 * workers),
      addressPlace: take(places * 8 * workers),
      quota: take(quotas * 8 * workers),
    },
    bytes,
  }
}

/** A region as a slot region reads it: its states first, then its keys. */
export const placeOf = (
  views: { readonly big: BigInt64Array; readonly ints: Int32Array },
  { slots, at }: { readonly slots: number; readonly at: number },
): RegionPlace => ({ ...views, slots, statesAt: at / 8, keysAt: (at + slots * 8) / 4 })
