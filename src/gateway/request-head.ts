import { type Refusal, refuse } from '#contract/outcome.ts'
import { withoutOwnCookies } from '#contract/own-cookie.ts'
import { isRequestId } from '#contract/request-id.ts'
import { entitlementPrefix } from '#domain/entitlements.ts'
import { bearerToken } from '#domain/key.ts'
import type { GatewaySettings, RouteEntry } from '#ports/snapshot.ts'
import type { Grant } from './grant.ts'
import type { CheckedLines } from './upstream/request-head.ts'
import { detached } from './wire/detached.ts'
import type { FieldLines } from './wire/field-block.ts'
import { trimmed } from './wire/field-value.ts'
import { rememberNames } from './wire/name-memory.ts'

/** The head of a request, read once: what the pipeline decides by, and the header lines that may go on to the upstream. */
export interface RequestHead {
  readonly ok: true
  /** Every field as it was sent; holds while the request is answered. */
  readonly fields: FieldLines
  readonly host: string
  /** As sent, for X-Forwarded-Host. */
  readonly rawHost: string
  readonly authorization: string | undefined
  readonly apiKeyHeader: string | undefined
  /** The client's own X-Request-Id, when it is well-formed. */
  readonly requestId: string | undefined
  readonly forwardedFor: string | undefined
  readonly forwardedProto: string | undefined
  /** What else is said about the client by names that only proxies should use: lines, each ended by CRLF. */
  readonly forwardedLines: string
  /** What asks the upstream to take another method than the one that was matched: lines, each ended by CRLF. */
  readonly methodLines: string
  /** `none`, a length in bytes, or `chunked`. */
  readonly body: 'none' | 'chunked' | number
  /** End-to-end header lines, each ended by CRLF, without the ones above. */
  readonly lines: string
  /** The client wants no other answer on this connection. */
  readonly isLast: boolean
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean
  /** What the client offers to go on with instead of HTTP, in lower case; empty when it offers nothing. */
  readonly upgrade: string
  /** The client takes trailers, and does not just drop them. */
  readonly wantsTrailers: boolean
  /** The token of `Authorization: Bearer`. */
  readonly bearer: string | undefined
  /** It came again on its connection: what is made of it may be worth keeping. */
  isRepeated: boolean
  /** What was last made of it for an upstream; whoever reads it checks that it is for the same one. */
  forUpstream: HeadForUpstream | undefined
}

/** The lines of a repeated head that go to an upstream, and what they were made for. */
export interface HeadForUpstream {
  readonly lines: CheckedLines
  readonly host: string
  readonly settings: GatewaySettings
  readonly route: RouteEntry
  readonly grant: Grant | null
}

type Treatment =
  | 'pass'
  | 'drop'
  | 'host'
  | 'authorization'
  | 'key'
  | 'id'
  | 'cookie'
  | 'length'
  | 'coding'
  | 'connection'
  | 'expect'
  | 'te'
  | 'upgrade'
  | 'for'
  | 'forwarded'
  | 'method'
  | 'proto'

const treatments: ReadonlyMap<string, Treatment> = new Map(
  Object.entries({
    authorization: 'authorization',
    'cf-connecting-ip': 'forwarded',
    connection: 'connection',
    'content-length': 'length',
    cookie: 'cookie',
    expect: 'expect',
    'fastly-client-ip': 'forwarded',
    forwarded: 'drop',
    host: 'host',
    'keep-alive': 'drop',
    'proxy-authenticate': 'drop',
    'proxy-authorization': 'drop',
    'proxy-connection': 'drop',
    te: 'te',
    trailer: 'drop',
    'transfer-encoding': 'coding',
    'true-client-ip': 'forwarded',
    upgrade: 'upgrade',
    'x-api-key': 'key',
    'x-client-ip': 'forwarded',
    'x-cluster-client-ip': 'forwarded',
    'x-consumer-id': 'drop',
    'x-forwarded-for': 'for',
    'x-forwarded-host': 'drop',
    'x-forwarded-proto': 'proto',
    'x-http-method': 'method',
    'x-http-method-override': 'method',
    'x-key-id': 'drop',
    'x-method-override': 'method',
    'x-organization-id': 'drop',
    'x-original-forwarded-for': 'forwarded',
    'x-original-host': 'forwarded',
    'x-original-url': 'forwarded',
    'x-plan-id': 'drop',
    'x-real-ip': 'drop',
    'x-request-id': 'id',
    'x-rewrite-url': 'forwarded',
    'x-subscription-id': 'drop',
    'x-user-id': 'drop',
  } satisfies Record<string, Treatment>),
)

// Only spelt exactly do these mean something on this connection.
const exactOnly: ReadonlySet<Treatment> = new Set([
  'coding',
  'connection',
  'expect',
  'host',
  'length',
  'te',
  'upgrade',
])

const treatmentOf = rememberNames((name): Treatment => {
  const lower = name.toLowerCase()
  // An upstream may read `X_User_Id` as the same name, so the underscore spelling is treated alike.
  const spelling = lower.replaceAll('_', '-')
  const treatment = treatments.get(spelling) ?? treatmentByPrefix(spelling)
  return exactOnly.has(treatment) && !treatments.has(lower) ? 'drop' : treatment
})

function treatmentByPrefix(spelling: string): Treatment {
  if (spelling.startsWith(entitlementPrefix)) return 'drop'
  return spelling.startsWith('x-forwarded-') ? 'forwarded' : 'pass'
}

/** True for a field of a request that goes on to the upstream as it is. */
export const isPassedToUpstream = (name: string): boolean => treatmentOf(name) === 'pass'

/** Reads and checks the fields of a request; refuses what two servers could understand differently. */
export function readRequestHead(fields: FieldLines, httpVersion: string): RequestHead | Refusal {
  const { text, spans, spanCount } = fields
  const head = new Reading(fields)
  // Lines that go on unchanged are cut out in one piece as long as they stand together.
  let runStart = -1
  for (let span = 0; span < spanCount; span += 3) {
    const start = spans[span] as number
    const colonAt = spans[span + 1] as number
    const treatment = treatmentOf(text.slice(start, colonAt))
    if (treatment === 'pass') {
      if (runStart === -1) runStart = start
      continue
    }
    if (runStart !== -1) head.lines += text.slice(runStart, start)
    runStart = -1
    if (treatment === 'drop') continue
    if (treatment === 'forwarded') {
      head.forwardedLines += text.slice(start, (spans[span + 2] as number) + 2)
      continue
    }
    if (treatment === 'method') {
      head.methodLines += text.slice(start, (spans[span + 2] as number) + 2)
      continue
    }
    const refusal = head.take(treatment, trimmed(text, colonAt + 1, spans[span + 2] as number))
    if (refusal !== undefined) return refusal
  }
  if (runStart !== -1) head.lines += text.slice(runStart, (spans[spanCount - 1] as number) + 2)
  return head.finish(httpVersion) ?? head
}

class Reading implements RequestHead {
  readonly ok = true
  readonly fields: FieldLines
  host = ''
  rawHost = ''
  authorization: string | undefined = undefined
  apiKeyHeader: string | undefined = undefined
  requestId: string | undefined = undefined
  forwardedFor: string | undefined = undefined
  forwardedProto: string | undefined = undefined
  forwardedLines = ''
  methodLines = ''
  body: RequestHead['body'] = 'none'
  lines = ''
  isLast = false
  expectsContinue = false
  upgrade = ''
  wantsTrailers = false
  bearer: string | undefined = undefined
  isRepeated = false
  forUpstream: HeadForUpstream | undefined = undefined
  private hasHost = false
  private offered = ''
  private offersTrailers = false
  private connection = ''

  constructor(fields: FieldLines) {
    this.fields = fields
  }

  take(treatment: Treatment, value: string): Refusal | undefined {
    switch (treatment) {
      case 'host':
        if (this.hasHost) return malformed('Host', 'is there twice')
        this.hasHost = true
        this.rawHost = value
        break
      case 'authorization':
        if (this.authorization !== undefined) return malformed('Authorization', 'is there twice')
        this.authorization = value
        this.bearer = bearerToken(value)
        break
      case 'key':
        this.apiKeyHeader ??= value
        break
      case 'cookie':
        this.takeCookies(withoutOwnCookies(value))
        break
      case 'id':
        this.requestId = isRequestId(value) ? value : undefined
        break
      case 'length':
        if (!plainLength.test(value) || this.body !== 'none')
          return malformed('Content-Length', 'is not one number')
        this.body = Number(value)
        break
      case 'coding':
        if (value.toLowerCase() !== 'chunked' || this.body !== 'none')
          return malformed('Transfer-Encoding', 'is not understood')
        this.body = 'chunked'
        break
      case 'connection':
        this.connection = this.connection === '' ? value : `${this.connection},${value}`
        break
      case 'expect':
        this.expectsContinue = value.toLowerCase() === '100-continue'
        break
      case 'te':
        if (/(^|,)[ \t]*trailers[ \t]*(,|$)/i.test(value)) this.offersTrailers = true
        break
      case 'upgrade':
        this.offered = this.offered === '' ? value.toLowerCase() : `${this.offered},${value.toLowerCase()}`
        break
      case 'for':
        this.forwardedFor = this.forwardedFor === undefined ? value : `${this.forwardedFor}, ${value}`
        break
      case 'proto':
        this.forwardedProto ??= value
        break
    }
    return undefined
  }

  private takeCookies(value: string): void {
    if (value !== '') this.lines += `Cookie: ${value}\r\n`
  }

  /** What only all fields together tell. */
  finish(httpVersion: string): Refusal | undefined {
    const isCurrent = httpVersion === '1.1'
    if (!this.hasHost && isCurrent) return malformed('Host', 'is missing')
    const host = hostWithoutPort(this.rawHost)
    if (host === undefined) return malformed('Host', 'is not a host name')
    this.host = host
    if (this.body === 'chunked' && !isCurrent)
      return malformed('Transfer-Encoding', 'is not understood in HTTP/1.0')
    if (!isCurrent) this.expectsContinue = false
    this.takeConnection(isCurrent)
    return undefined
  }

  private takeConnection(isCurrent: boolean): void {
    const connection = this.connection.toLowerCase()
    if (connection === '' || connection === 'keep-alive') {
      this.isLast = !isCurrent && connection === ''
      return
    }
    const named = new Set(connection.split(',').map((name) => name.trim()))
    this.isLast = named.has('close') || (!isCurrent && !named.has('keep-alive'))
    if (named.has('upgrade')) this.upgrade = this.offered
    // RFC 9110 section 10.1.4: TE is this connection's affair, and says so.
    this.wantsTrailers = this.offersTrailers && named.has('te')
    this.lines = withoutNamed(this.lines, named)
    this.forwardedLines = withoutNamed(this.forwardedLines, named)
    this.methodLines = withoutNamed(this.methodLines, named)
  }
}

const plainLength = /^\d{1,15}$/

// RFC 9110 section 7.6.1: headers that Connection names belong to this hop.
function withoutNamed(lines: string, named: ReadonlySet<string>): string {
  return lines
    .split('\r\n')
    .filter((line) => line !== '' && !named.has(line.slice(0, line.indexOf(':')).toLowerCase()))
    .map((line) => `${line}\r\n`)
    .join('')
}

// Few hosts are asked for again and again.
const knownHosts = new Map<string, string>()
const mostKnownHosts = 1_000

function hostWithoutPort(rawHost: string): string | undefined {
  const known = knownHosts.get(rawHost)
  if (known !== undefined) return known
  if (!/^[A-Za-z0-9.:[\]_-]*$/.test(rawHost)) return undefined
  const bracket = rawHost.lastIndexOf(']')
  const colon = rawHost.indexOf(':', bracket + 1)
  const host = detached((colon === -1 ? rawHost : rawHost.slice(0, colon)).toLowerCase())
  if (knownHosts.size < mostKnownHosts) knownHosts.set(detached(rawHost), host)
  return host
}

const malformed = (header: string, reason: string): Refusal =>
  refuse('invalid_request', `${header} ${reason}`, { field: header, reason })
