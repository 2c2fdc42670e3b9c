import { charge, chargeText, failure, type Run } from './work.ts'

/** A value that may be absent, from `.?name` and `[?key]`. */
export interface Optional {
  readonly [optional]: true
  /** Undefined when absent. */
  readonly value: unknown
}

const optional = Symbol('optional')

/** Wraps a value, or its absence (undefined). */
export const optionalOf = (value: unknown): Optional => ({ [optional]: true, value })

/** True for what optionalOf made. */
export const isOptional = (value: unknown): value is Optional => isMap(value) && optional in value

/** True for a map: a JSON object or a map literal. */
export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const minInt = -(2n ** 63n)
const maxInt = 2n ** 63n - 1n

/** Keeps an int within 64 bits. */
export function checkedInt(run: Run, value: bigint): bigint {
  if (value < minInt || value > maxInt) throw failure(run, 'integer overflow')
  return value
}

/** True for an int that fits into 64 bits. */
export const isInt64 = (value: bigint): boolean => value >= minInt && value <= maxInt

const deepest = 64

/** Equality by value; an int equals the double of the same number, values of different types are different. */
export function areEqual(run: Run, left: unknown, right: unknown, depth = 0): boolean {
  charge(run, 1)
  if (left === right) return true
  if (isNumber(left) && isNumber(right)) return left <= right && left >= right
  if (typeof left === 'string' && typeof right === 'string') {
    chargeText(run, left)
    return false
  }
  if (depth > deepest) throw failure(run, 'the values are nested too deeply')
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, at) => areEqual(run, item, right[at], depth + 1))
  if (!isMap(left) || !isMap(right)) return false
  const keys = keysOf(run, left)
  if (keys.length !== keysOf(run, right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && areEqual(run, left[key], right[key], depth + 1))
}

/** True for an int (bigint) or a double (number). */
export const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

/** The keys of a map. */
export function keysOf(run: Run, map: Readonly<Record<string, unknown>>): string[] {
  const keys = Object.keys(map)
  charge(run, keys.length)
  return keys
}

/** The value as plain JSON, without sharing what could make it larger than the work that is left. */
export function toJson(run: Run, value: unknown, depth = 0): unknown {
  charge(run, 1)
  if (typeof value === 'string') {
    chargeText(run, value)
    return value
  }
  if (value === null || typeof value === 'boolean') return value
  if (isNumber(value)) return finite(run, value)
  if (depth > deepest) throw failure(run, 'the result is nested too deeply')
  if (Array.isArray(value)) return value.map((item) => toJson(run, item, depth + 1))
  if (!isMap(value) || isOptional(value)) throw failure(run, 'the result is not JSON')
  const copy: Record<string, unknown> = Object.create(null)
  for (const key of keysOf(run, value)) {
    chargeText(run, key)
    copy[key] = toJson(run, value[key], depth + 1)
  }
  return copy
}

/** A number as JavaScript and JSON carry it. */
export function finite(run: Run, value: number | bigint): number {
  const number = Number(value)
  if (!Number.isFinite(number) || (typeof value === 'bigint' && !Number.isSafeInteger(number)))
    throw failure(run, 'the result is not a finite number')
  return number
}
