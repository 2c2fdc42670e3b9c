import { areEqual, checkedInt, isMap, isNumber } from './values.ts'
import { charge, chargeText, failure, type Run } from './work.ts'

/** A binary operator on two values. */
export type Operator = (run: Run, left: unknown, right: unknown) => unknown

/** Arithmetic: two ints stay an int, an int and a double become a double. */
const arithmetic =
  (
    onInts: (run: Run, a: bigint, b: bigint) => bigint,
    onDoubles: (a: number, b: number) => number,
  ): Operator =>
  (run, left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return onDoubles(left, right)
    if (typeof left === 'bigint' && typeof right === 'bigint')
      return checkedInt(run, onInts(run, left, right))
    if (isNumber(left) && isNumber(right)) return onDoubles(Number(left), Number(right))
    throw failure(run, 'arithmetic needs two numbers')
  }

const addNumbers = arithmetic(
  (_run, a, b) => a + b,
  (a, b) => a + b,
)

const add: Operator = (run, left, right) => {
  if (typeof left === 'string' && typeof right === 'string') {
    const joined = left + right
    chargeText(run, joined)
    return joined
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    charge(run, left.length + right.length)
    return [...left, ...right]
  }
  return addNumbers(run, left, right)
}

function notZero(run: Run, divisor: bigint): bigint {
  if (divisor === 0n) throw failure(run, 'division by zero')
  return divisor
}

type Ordered = string | number | bigint | boolean

/** Order of two numbers, of two texts, or of two booleans. */
const comparison =
  (decide: (left: Ordered, right: Ordered) => boolean): Operator =>
  (run, left, right) => {
    if (isNumber(left) && isNumber(right)) return decide(left, right)
    if (typeof left === 'string' && typeof right === 'string') {
      chargeText(run, left)
      return decide(left, right)
    }
    if (typeof left === 'boolean' && typeof right === 'boolean') return decide(left, right)
    throw failure(run, 'values of different types have no order')
  }

const isIn: Operator = (run, item, container) => {
  if (Array.isArray(container)) return container.some((other) => areEqual(run, item, other))
  if (isMap(container)) return typeof item === 'string' && Object.hasOwn(container, item)
  throw failure(run, 'in needs a list or a map on its right')
}

/** The binary operators that evaluate both sides. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['!=', (run, left, right) => !areEqual(run, left, right)],
  [
    '%',
    arithmetic(
      (run, a, b) => a % notZero(run, b),
      (a, b) => a % b,
    ),
  ],
  [
    '*',
    arithmetic(
      (_run, a, b) => a * b,
      (a, b) => a * b,
    ),
  ],
  ['+', add],
  [
    '-',
    arithmetic(
      (_run, a, b) => a - b,
      (a, b) => a - b,
    ),
  ],
  [
    '/',
    arithmetic(
      (run, a, b) => a / notZero(run, b),
      (a, b) => a / b,
    ),
  ],
  ['<', comparison((left, right) => left < right)],
  ['<=', comparison((left, right) => left <= right)],
  ['==', areEqual],
  ['>', comparison((left, right) => left > right)],
  ['>=', comparison((left, right) => left >= right)],
  ['in', isIn],
])
