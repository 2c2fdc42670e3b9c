import { isPassedToClient } from './answer-headers.ts'
import { isPassedToUpstream } from './field-treatment.ts'
import { rememberNames } from './wire/name-memory.ts'

// RFC 9110 section 6.5.1: framing, routing, authentication, request modifiers, answer controls, and what describes the content.
const forbidden: ReadonlySet<string> = new Set([
  'age',
  'authentication-info',
  'authorization',
  'cache-control',
  'connection',
  'cookie',
  'expect',
  'expires',
  'date',
  'host',
  'keep-alive',
  'location',
  'max-forwards',
  'origin',
  'pragma',
  'range',
  'referer',
  'retry-after',
  'set-cookie',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'warning',
  'www-authenticate',
])

const mayTrail = rememberNames((name): boolean => {
  const lower = name.toLowerCase().replaceAll('_', '-')
  return !forbidden.has(lower) && !/^(content-|proxy-|if-|access-control-|sec-)/.test(lower)
})

/** The trailers of a request that go on to the upstream, as lines, each ended by CRLF. */
export const requestTrailers = (fields: readonly string[]): string =>
  linesOf(fields, (name) => mayTrail(name) && isPassedToUpstream(name))

/** The trailers of an answer that go on to the client, as lines, each ended by CRLF. */
export const answerTrailers = (fields: readonly string[]): string =>
  linesOf(fields, (name) => mayTrail(name) && isPassedToClient(name))

/** `fields` is a flat list, name and value in turns. */
function linesOf(fields: readonly string[], isPassed: (name: string) => boolean): string {
  let lines = ''
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] as string
    if (isPassed(name)) lines += `${name}: ${fields[index + 1] as string}\r\n`
  }
  return lines
}
