import { isOwnCookie } from '#contract/own-cookie.ts'
import type { HeaderList, PassedLines } from './wire/header-list.ts'
import { rememberNames } from './wire/name-memory.ts'

// What the gateway says itself about a request; an upstream's word on it would contradict ours.
const ownNames = new Set([
  'ratelimit',
  'ratelimit-policy',
  'x-quota-limit',
  'x-quota-remaining',
  'x-quota-reset',
  'x-quota-used',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-request-id',
])

type Treatment = 'cookie' | 'date' | 'drop' | 'pass'

const special: ReadonlyMap<string, Treatment> = new Map([
  ['date', 'date'],
  ['set-cookie', 'cookie'],
])

const treatmentOf = rememberNames((name): Treatment => {
  const lower = name.toLowerCase()
  return special.get(lower) ?? (ownNames.has(lower) ? 'drop' : 'pass')
})

/** True for a field of an answer that goes on to the client as it is. */
export const isPassedToClient = (name: string): boolean => treatmentOf(name) === 'pass'

/** Takes an upstream's flat header list without what only the gateway may say; undefined when a field would not stay one line. */
export function passedLines(headers: HeaderList): PassedLines | undefined {
  if (headers.passed !== undefined) return headers.passed
  const passed = readLines(headers)
  if (headers.isRepeated === true && passed !== undefined) headers.passed = passed
  return passed
}

function readLines(headers: HeaderList): PassedLines | undefined {
  let lines = ''
  let count = 0
  let hasDate = false
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string
    const treatment = treatmentOf(name)
    if (treatment === 'drop') continue
    if (treatment === 'date') hasDate = true
    if (treatment === 'cookie' && isOwnCookie((headers[index + 1] as string).trimStart())) continue
    lines += `${name}: ${headers[index + 1] as string}\r\n`
    count++
  }
  return isLines(lines, count) ? { lines, hasDate } : undefined
}

/** True for exactly so many lines: no CR or LF but the CRLF at their ends. */
function isLines(text: string, count: number): boolean {
  let start = 0
  for (let line = 0; line < count; line++) {
    const end = text.indexOf('\n', start)
    if (end < 1 || text.indexOf('\r', start) !== end - 1) return false
    start = end + 1
  }
  return start === text.length
}
