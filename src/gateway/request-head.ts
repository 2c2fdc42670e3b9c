import { type Refusal, refuse } from '#contract/outcome.ts'
import { isRequestId } from '#contract/request-id.ts'
import type { Inbound } from './inbound.ts'

/** The head of a request, read once: what the pipeline decides by, and the header lines that may go on to the upstream. */
export interface RequestHead {
  readonly ok: true
  readonly host: string
  /** As sent, for X-Forwarded-Host. */
  readonly rawHost: string
  readonly authorization: string | undefined
  readonly apiKeyHeader: string | undefined
  /** The client's own X-Request-Id, when it is well-formed. */
  readonly requestId: string | undefined
  readonly forwardedFor: string | undefined
  readonly forwardedProto: string | undefined
  /** `none`, a length in bytes, or `chunked`. */
  readonly body: 'none' | 'chunked' | number
  /** End-to-end header lines, each ended by CRLF, without the ones above. */
  readonly lines: string
}

type Treatment =
  | 'pass'
  | 'drop'
  | 'host'
  | 'authorization'
  | 'key'
  | 'id'
  | 'length'
  | 'coding'
  | 'connection'
  | 'for'
  | 'proto'

const treatments: Readonly<Record<string, Treatment>> = {
  authorization: 'authorization',
  connection: 'connection',
  'content-length': 'length',
  expect: 'drop',
  forwarded: 'drop',
  host: 'host',
  'keep-alive': 'drop',
  'proxy-authenticate': 'drop',
  'proxy-authorization': 'drop',
  'proxy-connection': 'drop',
  te: 'drop',
  trailer: 'drop',
  'transfer-encoding': 'coding',
  upgrade: 'drop',
  'x-api-key': 'key',
  'x-consumer-id': 'drop',
  'x-forwarded-for': 'for',
  'x-forwarded-host': 'drop',
  'x-forwarded-proto': 'proto',
  'x-key-id': 'drop',
  'x-organization-id': 'drop',
  'x-plan-id': 'drop',
  'x-real-ip': 'drop',
  'x-request-id': 'id',
  'x-subscription-id': 'drop',
  'x-user-id': 'drop',
}

// Clients spell the same few names the same way each time: remembering the spelling saves lower-casing it.
const remembered = new Map<string, Treatment>()
const rememberAtMost = 2_000

function treatmentOf(name: string): Treatment {
  const known = remembered.get(name)
  if (known !== undefined) return known
  // An upstream may read `X_User_Id` as the same name, so the underscore spelling is treated alike.
  const treatment = treatments[name.toLowerCase().replaceAll('_', '-')] ?? 'pass'
  if (remembered.size < rememberAtMost) remembered.set(name, treatment)
  return treatment
}

/** Reads and checks a request head; refuses what two servers could understand differently. */
export function readRequestHead(inbound: Inbound): RequestHead | Refusal {
  const raw = inbound.rawHeaders
  let rawHost: string | undefined
  let authorization: string | undefined
  let apiKeyHeader: string | undefined
  let requestId: string | undefined
  let forwardedFor: string | undefined
  let forwardedProto: string | undefined
  let body: RequestHead['body'] = 'none'
  let connection = ''
  let lines = ''
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string
    const value = raw[index + 1] as string
    const treatment = treatmentOf(name)
    if (treatment === 'pass') lines += `${name}: ${value}\r\n`
    else if (treatment === 'host') {
      if (rawHost !== undefined) return malformed('Host', 'is there twice')
      rawHost = value
    } else if (treatment === 'authorization') {
      if (authorization !== undefined) return malformed('Authorization', 'is there twice')
      authorization = value
    } else if (treatment === 'key') apiKeyHeader ??= value
    else if (treatment === 'id') requestId = isRequestId(value) ? value : undefined
    else if (treatment === 'length') {
      if (!/^\d{1,15}$/.test(value) || body !== 'none')
        return malformed('Content-Length', 'is not one number')
      body = Number(value)
    } else if (treatment === 'coding') {
      if (value.toLowerCase() !== 'chunked' || body !== 'none')
        return malformed('Transfer-Encoding', 'is not understood')
      body = 'chunked'
    } else if (treatment === 'connection') connection = connection === '' ? value : `${connection},${value}`
    else if (treatment === 'for')
      forwardedFor = forwardedFor === undefined ? value : `${forwardedFor}, ${value}`
    else if (treatment === 'proto') forwardedProto ??= value
  }
  if (connection !== '' && !plainConnection.test(connection)) lines = withoutNamed(lines, connection)
  if (rawHost === undefined && inbound.httpVersion === '1.1') return malformed('Host', 'is missing')
  const host = hostWithoutPort(rawHost ?? '')
  if (host === undefined) return malformed('Host', 'is not a host name')
  return {
    ok: true,
    host,
    rawHost: rawHost ?? '',
    authorization,
    apiKeyHeader,
    requestId,
    forwardedFor,
    forwardedProto,
    body,
    lines,
  }
}

const plainConnection = /^(keep-alive|close)$/i

// RFC 9110 section 7.6.1: headers that Connection names belong to this hop.
function withoutNamed(lines: string, connection: string): string {
  const named = new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  return lines
    .split('\r\n')
    .filter((line) => line !== '' && !named.has(line.slice(0, line.indexOf(':')).toLowerCase()))
    .map((line) => `${line}\r\n`)
    .join('')
}

function hostWithoutPort(rawHost: string): string | undefined {
  if (!/^[A-Za-z0-9.:[\]_-]*$/.test(rawHost)) return undefined
  const bracket = rawHost.lastIndexOf(']')
  const colon = rawHost.indexOf(':', bracket + 1)
  return (colon === -1 ? rawHost : rawHost.slice(0, colon)).toLowerCase()
}

const malformed = (header: string, reason: string): Refusal =>
  refuse('invalid_request', `${header} ${reason}`, { field: header, reason })
