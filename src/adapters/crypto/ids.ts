import { randomBytes } from 'node:crypto'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const timeLength = 10
const randomLength = 16

function encodeTime(time: number): string {
  let text = ''
  let rest = time
  for (let place = 0; place < timeLength; place++) {
    text = alphabet.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/** Adds one to the random part; false when all its digits were at their end. */
function increment(digits: Uint8Array): boolean {
  for (let place = digits.length - 1; place >= 0; place--) {
    const digit = digits[place] ?? 0
    if (digit < 31) {
      digits[place] = digit + 1
      return true
    }
    digits[place] = 0
  }
  return false
}

/**
 * Ids of 26 lower-case characters of Crockford's base 32: ten of the millisecond, sixteen random ones that count up within one
 * millisecond (and while a clock runs backwards), so that ids of one process sort in the order they were made.
 */
export function createIds(clock: Clock): Ids {
  let time = -1
  let prefixOfTime = ''
  const digits = new Uint8Array(randomLength)

  const restart = (at: number): void => {
    time = at
    prefixOfTime = encodeTime(at)
    const random = randomBytes(randomLength)
    for (let place = 0; place < randomLength; place++) digits[place] = (random[place] ?? 0) & 31
  }
  return {
    next(prefix) {
      const now = clock.now()
      if (now > time) restart(now)
      else if (!increment(digits)) restart(time + 1)
      let text = `${prefix}_${prefixOfTime}`
      for (const digit of digits) text += alphabet.charAt(digit)
      return text
    },
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  }
}
