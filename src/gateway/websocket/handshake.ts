import { createHash } from 'node:crypto'
import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Inbound } from '../inbound.ts'
import { headerOf } from '../measure/flat-headers.ts'
import type { RequestHead } from '../request-head.ts'
import { fieldValue, fieldValues } from '../wire/field-value.ts'

/** A client's offer to speak WebSocket, checked (RFC 6455, section 4.2.1). */
export interface Handshake {
  readonly ok: true
  readonly key: string
  readonly subprotocols: readonly string[]
  readonly isCompressionOffered: boolean
  /** The end-to-end header lines of the request, without extensions whose frames could not be counted. */
  readonly lines: string
}

/** What the upstream agreed to, or why its answer cannot be trusted. */
export type Agreement =
  | { readonly ok: true; readonly isCompressed: boolean }
  | { readonly ok: false; readonly detail: string }

/** The one extension that leaves frame headers as they are. */
const compression = 'permessage-deflate'
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const keyShape = /^[A-Za-z0-9+/]{21}[AQgw]==$/
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** True when a request wants to go on as a WebSocket. */
const offersWebSocket = ({ upgrade }: RequestHead): boolean =>
  upgrade !== '' && membersOf([upgrade]).includes('websocket')

/** Reads a request to a WebSocket route; refuses what is no upgrade that we and the upstream understand alike. */
export function readHandshake(inbound: Inbound, head: RequestHead): Handshake | Refusal {
  if (!offersWebSocket(head) || inbound.httpVersion !== '1.1' || inbound.takeSocket === undefined)
    return refuse('upgrade_required', 'This route speaks WebSocket: connect with an HTTP/1.1 upgrade')
  if (inbound.method !== 'GET' || (head.body !== 'none' && head.body !== 0))
    return refuse('invalid_request', 'A WebSocket begins with a GET request without a body')
  const { fields } = head
  const versions = fieldValues(fields, 'sec-websocket-version')
  if (versions.length !== 1 || versions[0] !== '13')
    return refuse('upgrade_required', 'Only version 13 of WebSocket is spoken here')
  const keys = fieldValues(fields, 'sec-websocket-key')
  const key = keys.length === 1 ? keys[0] : undefined
  if (key === undefined || !keyShape.test(key))
    return malformed('Sec-WebSocket-Key', 'is not 16 bytes in base64')
  const subprotocols = membersOf(fieldValues(fields, 'sec-websocket-protocol'))
  if (!subprotocols.every((name) => token.test(name)) || new Set(subprotocols).size !== subprotocols.length)
    return malformed('Sec-WebSocket-Protocol', 'is not a list of different names')
  const extensions = fieldValues(fields, 'sec-websocket-extensions')
  const offers = membersOf(extensions).filter((offer) => nameOf(offer) === compression)
  return {
    ok: true,
    key,
    subprotocols,
    isCompressionOffered: offers.length > 0,
    lines: extensions.length === 0 ? head.lines : withOffers(head.lines, offers),
  }
}

/** Checks the headers of a 101 answer, a flat list, against what was offered (RFC 6455, section 4.1). */
export function readAgreement(handshake: Handshake, headers: readonly string[]): Agreement {
  if (headerOf(headers, 'sec-websocket-accept') !== acceptOf(handshake.key))
    return { ok: false, detail: 'Sec-WebSocket-Accept does not belong to the key' }
  const chosen = headerOf(headers, 'sec-websocket-protocol')
  if (chosen !== undefined && !handshake.subprotocols.includes(chosen))
    return { ok: false, detail: 'Sec-WebSocket-Protocol was not offered' }
  const extensions = membersOf([headerOf(headers, 'sec-websocket-extensions') ?? ''])
  const isUnderstood = extensions.every((offer) => nameOf(offer) === compression) && extensions.length <= 1
  if (!isUnderstood || (extensions.length > 0 && !handshake.isCompressionOffered))
    return { ok: false, detail: 'Sec-WebSocket-Extensions was not offered' }
  return { ok: true, isCompressed: extensions.length > 0 }
}

/** The answer to a key. */
const acceptOf = (key: string): string =>
  createHash('sha1')
    .update(key + guid)
    .digest('base64')

/** Refuses a WebSocket where there is none; another protocol may be offered anywhere, and is passed over (RFC 9110 section 7.8). */
export const noWebSocketHere = (head: RequestHead): Refusal | undefined =>
  offersWebSocket(head) && fieldValue(head.fields, 'sec-websocket-key') !== undefined
    ? refuse('invalid_request', 'This route does not speak WebSocket')
    : undefined

const membersOf = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => value.split(','))
    .map((member) => member.trim())
    .filter((member) => member !== '')

const nameOf = (offer: string): string => (offer.split(';', 1)[0] ?? '').trim().toLowerCase()

function withOffers(lines: string, offers: readonly string[]): string {
  const kept = lines
    .split('\r\n')
    .filter((line) => line !== '' && !/^sec[-_]websocket[-_]extensions:/i.test(line))
    .map((line) => `${line}\r\n`)
    .join('')
  return offers.length === 0 ? kept : `${kept}Sec-WebSocket-Extensions: ${offers.join(', ')}\r\n`
}

const malformed = (header: string, reason: string): Refusal =>
  refuse('invalid_request', `${header} ${reason}`, { field: header, reason })
