import { describe, expect, it } from 'vitest'
import { smallTable } from '#test/support/limit-bench.ts'
import type { ScopeKey } from './scope-key.ts'
import { type IsIdle, type RegionPlace, SlotRegion } from './slot-region.ts'
import { layoutOf, placeOf } from './table-layout.ts'

const isPast: IsIdle = (time, _value, now) => time < now
const slots = 64
const home = 10
const key = (high: number): ScopeKey => ({ low: home, high, slot: -1 })

function newPlace(): RegionPlace {
  const { buffer } = smallTable(2)
  const { regions } = layoutOf({ rates: slots, slidings: slots, places: slots, quotas: slots }, 2)
  return placeOf({ big: new BigInt64Array(buffer), ints: new Int32Array(buffer) }, regions.rate)
}

/** Two workers on one region; the second does something in the middle of the first one's taking of a slot. */
function contest(meanwhile: (second: SlotRegion) => void): { first: SlotRegion; second: SlotRegion } {
  const place = newPlace()
  const second = new SlotRegion(place, 1, isPast)
  let isBetween = false
  const first = new SlotRegion(place, 0, isPast, () => {
    if (isBetween) return
    isBetween = true
    meanwhile(second)
  })
  return { first, second }
}

describe('two workers that take a slot for one key at once', () => {
  it('end with the same one, when the second finds a place ahead of the first', () => {
    let others = -1
    const { first, second } = contest((worker) => {
      others = worker.findOrMake(key(7), 120, 120)
    })
    second.findOrMake(key(1), 100, 110)
    const own = first.findOrMake(key(7), 105, 105)
    expect([own, others]).toEqual([home, home])
    expect(first.find(key(7))).toBe(home)
  })

  it('end with the same one, when the second comes behind the first', () => {
    let others = -1
    const { first, second } = contest((worker) => {
      others = worker.findOrMake(key(7), 100, 100)
    })
    const own = first.findOrMake(key(7), 100, 100)
    expect(own).toBe(others)
    expect(second.find(key(7))).toBe(own)
  })
})

it('a slot whose state was read just before another worker took it is not taken for live by the key that came after', () => {
  const place = newPlace()
  place.ints[place.keysAt + 2 * home] = home
  place.ints[place.keysAt + 2 * home + 1] = 7
  expect(new SlotRegion(place, 1, isPast).find(key(7))).toBe(-1)
})

it('a slot that is being taken is not given away for the key that it still shows of its last owner', () => {
  let kept = -1
  const { first, second } = contest((worker) => {
    worker.findOrMake(key(1), 200, 200)
    kept = worker.findOrMake(key(3), 200, 200)
  })
  second.findOrMake(key(1), 100, 100)
  const own = first.findOrMake(key(2), 200, 200)
  expect(second.find(key(3))).toBe(kept)
  expect(first.find(key(2))).toBe(own)
  expect(own).not.toBe(kept)
})

describe('a slot that went to another key', () => {
  it('cannot be changed any more by who saw it before', () => {
    const { first, second } = contest(() => {})
    const slot = first.findOrMake(key(1), 100, 100)
    expect(first.find(key(1))).toBe(slot)
    // The first worker has seen its count; before it changes it, the second takes the slot over.
    expect(second.findOrMake(key(2), 101, 101)).toBe(slot)
    expect(first.swap(slot, 160, 1)).toBe(false)
    expect(second.find(key(2))).toBe(slot)
    expect([second.words.time, second.words.value]).toEqual([101, 0])
  })

  it('also in the same millisecond, and by a clock that is behind', () => {
    const { first, second } = contest(() => {})
    const slot = first.findOrMake(key(1), 100, 100)
    first.find(key(1))
    second.findOrMake(key(2), 101, 95)
    expect(first.swap(slot, 160, 1)).toBe(false)
    expect(second.words.time).toBe(101)
  })
})
