/** The largest number that a limit can count to; what is above it in a word says that nobody counts there. */
export const mostValue = 100_000_000

const valueBits = 27
const valueMask = 2 ** valueBits - 1
const timesPerHigh = 2 ** (32 - valueBits)

/** The value of a word whose slot nobody has. */
export const freeValue = valueMask

/**
 * The 64-bit words of a shared buffer, each a time (37 bits, milliseconds of the table) and a value (27 bits), changed by
 * compare-and-swap only. `load` remembers what it saw, `time` and `value` tell it, `swap` succeeds while it is still so.
 */
export class SharedWords {
  private readonly shared: BigInt64Array
  private readonly pair = new BigInt64Array(2)
  private readonly halves = new Int32Array(this.pair.buffer)

  constructor(shared: BigInt64Array) {
    this.shared = shared
  }

  load(at: number): void {
    this.pair[0] = Atomics.load(this.shared, at)
  }

  get time(): number {
    const [low = 0, high = 0] = [this.halves[0], this.halves[1]]
    return (high >>> 0) * timesPerHigh + (low >>> valueBits)
  }

  get value(): number {
    return (this.halves[0] as number) & valueMask
  }

  /** True for a word that was never written. */
  get isUntouched(): boolean {
    return this.halves[0] === 0 && this.halves[1] === 0
  }

  /** True while the seen word is somebody's count. */
  get isLive(): boolean {
    return this.value <= mostValue && !this.isUntouched
  }

  /** Writes where nothing changed since load; what was written counts as seen then. */
  swap(at: number, time: number, value: number): boolean {
    const { pair, halves } = this
    halves[2] = ((time % timesPerHigh) << valueBits) | value
    halves[3] = time / timesPerHigh
    const seen = pair[0] as bigint
    const wanted = pair[1] as bigint
    if (Atomics.compareExchange(this.shared, at, seen, wanted) !== seen) return false
    pair[0] = wanted
    return true
  }
}
