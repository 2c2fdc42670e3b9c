import { checkedInt, isMap, isNumber, isOptional, keysOf } from './values.ts'
import { charge, chargeText, failure, type Run } from './work.ts'

/** A function on values that are already there; a method gets its receiver as the first. */
export type CelFunction = (run: Run, ...values: unknown[]) => unknown

const longestNumber = 64

function textOf(run: Run, value: unknown): string {
  if (typeof value !== 'string') throw failure(run, 'a text was expected')
  return value
}

function numberOf(run: Run, value: unknown): number | bigint {
  if (!isNumber(value)) throw failure(run, 'a number was expected')
  return value
}

/** An offset into a text of this length. */
function offsetOf(run: Run, value: unknown, length: number): number {
  const offset = Number(numberOf(run, value))
  if (!Number.isInteger(offset) || offset < 0 || offset > length)
    throw failure(run, 'the offset is outside the text')
  return offset
}

/** Searching can touch each character of the text as often as the searched one is long. */
function chargeSearch(run: Run, text: string, searched: string): void {
  charge(run, (text.length >> 6) + Math.ceil((text.length * searched.length) / 1024))
}

const search =
  (find: (text: string, searched: string) => unknown, pay = chargeSearch): CelFunction =>
  (run, receiver, argument) => {
    const text = textOf(run, receiver)
    const searched = textOf(run, argument)
    pay(run, text, searched)
    return find(text, searched)
  }

const payOnce = (run: Run, _text: string, searched: string): void => chargeText(run, searched)

const rewrite =
  (change: (text: string) => string): CelFunction =>
  (run, receiver) => {
    const text = textOf(run, receiver)
    charge(run, text.length >> 3)
    return change(text)
  }

const size: CelFunction = (run, value) => {
  if (typeof value === 'string' || Array.isArray(value)) return BigInt(value.length)
  if (isMap(value)) return BigInt(keysOf(run, value).length)
  throw failure(run, 'size() needs a text, a list or a map')
}

function intOf(run: Run, value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isFinite(value)) return checkedInt(run, BigInt(Math.trunc(value)))
  if (typeof value === 'string' && /^[+-]?\d{1,19}$/.test(value)) return checkedInt(run, BigInt(value))
  throw failure(run, 'int() cannot convert this value')
}

function doubleOf(run: Run, value: unknown): number {
  if (isNumber(value)) return Number(value)
  if (
    typeof value === 'string' &&
    value.length <= longestNumber &&
    /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(value)
  )
    return Number(value)
  throw failure(run, 'double() cannot convert this value')
}

function stringOf(run: Run, value: unknown): string {
  if (typeof value === 'string') return value
  if (isNumber(value) || typeof value === 'boolean') return String(value)
  throw failure(run, 'string() cannot convert this value')
}

function boolOf(run: Run, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === 'false') return value === 'true'
  throw failure(run, 'bool() cannot convert this value')
}

const substring: CelFunction = (run, receiver, from, to) => {
  const text = textOf(run, receiver)
  const start = offsetOf(run, from, text.length)
  const end = to === undefined ? text.length : offsetOf(run, to, text.length)
  if (end < start) throw failure(run, 'the offset is outside the text')
  return text.slice(start, end)
}

const split: CelFunction = (run, receiver, separator) => {
  const text = textOf(run, receiver)
  const by = textOf(run, separator)
  chargeSearch(run, text, by)
  const parts = text.split(by, run.workLeft + 1)
  charge(run, parts.length)
  return parts
}

const join: CelFunction = (run, receiver, separator) => {
  if (!Array.isArray(receiver)) throw failure(run, 'join() needs a list')
  const between = separator === undefined ? '' : textOf(run, separator)
  charge(run, receiver.length)
  let joined = ''
  for (const [index, item] of receiver.entries()) {
    const part = textOf(run, item)
    chargeText(run, part)
    chargeText(run, between)
    joined += index === 0 ? part : between + part
  }
  return joined
}

function copyOf(run: Run, value: unknown): Record<string, unknown> {
  if (!isMap(value) || isOptional(value)) throw failure(run, 'a map was expected')
  const copy: Record<string, unknown> = Object.create(null)
  for (const key of keysOf(run, value)) copy[key] = value[key]
  return copy
}

const merge: CelFunction = (run, receiver, more) => Object.assign(copyOf(run, receiver), copyOf(run, more))

const without: CelFunction = (run, receiver, names) => {
  const copy = copyOf(run, receiver)
  if (!Array.isArray(names)) throw failure(run, 'without() needs a list of names')
  charge(run, names.length)
  for (const name of names) delete copy[textOf(run, name)]
  return copy
}

/** ceil, floor or round to an int. */
const toWhole =
  (whole: (value: number) => number): CelFunction =>
  (run, value) => {
    const number = numberOf(run, value)
    return typeof number === 'bigint' ? number : intOf(run, whole(number))
  }

const extreme =
  (prefers: (candidate: number | bigint, held: number | bigint) => boolean): CelFunction =>
  (run, first, second) => {
    const [a, b] = [numberOf(run, first), numberOf(run, second)]
    const chosen = prefers(b, a) ? b : a
    // As the checker promised: a double as soon as one of the two is.
    return typeof a === typeof b ? chosen : Number(chosen)
  }

const ascii = (from: 'A-Z' | 'a-z', change: (run: string) => string): CelFunction => {
  const pattern = new RegExp(`[${from}]+`, 'g')
  return rewrite((text) => text.replace(pattern, change))
}

/** Functions by name: `size(x)`. */
export const functions: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ['bool', boolOf],
  ['double', doubleOf],
  ['dyn', (_run, value) => value],
  ['int', intOf],
  ['size', size],
  ['string', stringOf],
])

/** Methods by name: `x.size()`. */
export const methods: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ['contains', search((text, searched) => text.includes(searched))],
  ['endsWith', search((text, searched) => text.endsWith(searched), payOnce)],
  ['hasValue', (run, value) => optionalValue(run, value) !== undefined],
  ['indexOf', search((text, searched) => BigInt(text.indexOf(searched)))],
  ['join', join],
  ['lastIndexOf', search((text, searched) => BigInt(text.lastIndexOf(searched)))],
  ['lowerAscii', ascii('A-Z', (letters) => letters.toLowerCase())],
  ['merge', merge],
  ['orValue', (run, value, otherwise) => optionalValue(run, value) ?? otherwise],
  ['size', size],
  ['split', split],
  ['startsWith', search((text, searched) => text.startsWith(searched), payOnce)],
  ['substring', substring],
  ['trim', rewrite((text) => text.trim())],
  ['upperAscii', ascii('a-z', (letters) => letters.toUpperCase())],
  ['without', without],
])

/** Functions of the `math` namespace: `math.ceil(x)`. */
export const mathFunctions: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ['ceil', toWhole(Math.ceil)],
  ['floor', toWhole(Math.floor)],
  ['greatest', extreme((candidate, held) => candidate > held)],
  ['least', extreme((candidate, held) => candidate < held)],
  ['round', toWhole((value) => Math.floor(value + 0.5))],
])

function optionalValue(run: Run, value: unknown): unknown {
  if (!isOptional(value)) throw failure(run, 'an optional value was expected')
  return value.value
}
