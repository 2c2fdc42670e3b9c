import { randomBytes, randomFillSync } from 'node:crypto'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const timeLength = 10
/** The random part, two characters at a time: eight numbers below 1024. */
const pairCount = 8
const pairs = Array.from(
  { length: 1024 },
  (_, pair) => alphabet.charAt(pair >> 5) + alphabet.charAt(pair & 31),
)
/** Random bytes are drawn for many milliseconds at once: a draw costs far more than its bytes. */
const drawnPairs = 2048

function encodeTime(time: number): string {
  let text = ''
  let rest = time
  for (let place = 0; place < timeLength; place++) {
    text = alphabet.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/** Adds one to the number that the pairs spell; false when all of them were at their end. */
function increment(digits: Uint16Array): boolean {
  for (let place = digits.length - 1; place >= 0; place--) {
    const digit = digits[place] ?? 0
    if (digit < 1023) {
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
  let textOfTime = ''
  // Everything but the last pair, which is what changes from one id to the next.
  let stem = ''
  const digits = new Uint16Array(pairCount)
  const drawn = new Uint16Array(drawnPairs)
  let used = drawnPairs

  function spellStem(): void {
    stem = textOfTime
    for (let place = 0; place < pairCount - 1; place++) stem += pairs[digits[place] ?? 0]
  }

  function restart(at: number): void {
    if (at !== time) textOfTime = encodeTime(at)
    time = at
    if (used === drawnPairs) {
      randomFillSync(drawn)
      used = 0
    }
    for (let place = 0; place < pairCount; place++) digits[place] = (drawn[used++] ?? 0) & 1023
    spellStem()
  }

  return {
    next(prefix) {
      const now = clock.now()
      if (now > time) restart(now)
      else if (!increment(digits)) restart(time + 1)
      else if (digits[pairCount - 1] === 0) spellStem()
      return `${prefix}_${stem}${pairs[digits[pairCount - 1] ?? 0]}`
    },
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  }
}
