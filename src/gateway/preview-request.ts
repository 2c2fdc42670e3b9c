import { Fault, type Refusal, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { AskedRequest, PreviewRequest, RequestPreview } from '#ports/request-preview.ts'
import type { RoutePlans } from '#ports/route-plans.ts'
import type { RouteEntry, Snapshot } from '#ports/snapshot.ts'
import { rawKeyOf } from './admit.ts'
import type { Call } from './call.ts'
import { addressRefusal, createClientAddress } from './edge/client-address.ts'
import type { Grant } from './grant.ts'
import type { Inbound } from './inbound.ts'
import { noHolds } from './limits/holds.ts'
import { matchRoute } from './match.ts'
import { outgoingRequest } from './outgoing.ts'
import { readRequestHead } from './read-request-head.ts'
import { createRecogniser } from './recognise.ts'
import type { RequestHead } from './request-head.ts'
import { type RequestTarget, readRequestTarget, takeQueryParameter } from './request-target.ts'
import { createSnapshotHolder } from './snapshot.ts'
import { type ForwardFacts, upstreamHeaderLines, upstreamTarget } from './upstream-request.ts'
import { checkPlainBody, refusedUnread } from './validate/check-body.ts'
import { FieldBlock } from './wire/field-block.ts'

// Nobody waits for a slow hash here: such a key is known after its first use.
const proofs = { hashOf: () => undefined }

const mostHeadBytes = 32_768

/** Where a request is said to come from: an address that documents may use (RFC 5737). */
const clientAddress = '192.0.2.1'

const nothing: RequestPreview = {
  refusal: undefined,
  asked: undefined,
  route: undefined,
  captures: {},
  fitsSchema: undefined,
  caller: undefined,
  forwarded: undefined,
}

// Who thinks a request through may say where it comes from, in X-Forwarded-For.
const saidAddress = createClientAddress(() => true)

/** Creates the preview: the steps of the pipeline themselves, with the last one, sending, left out. */
export function createPreviewRequest(deps: {
  readonly tokenDigest: TokenDigest
  readonly clock: Clock
}): PreviewRequest {
  return (snapshot, request) => {
    const head = headOf(request)
    if (!head.ok) return { ...nothing, refusal: head }
    const target = readRequestTarget(request.target, head.rawHost)
    if (!target.ok) return { ...nothing, refusal: target }
    const asked = { path: target.path, host: head.host }
    if (request.method === 'TRACE' || request.method === 'CONNECT')
      return {
        ...nothing,
        asked,
        refusal: refuse('method_not_allowed', `${request.method} is not forwarded`),
      }
    const inbound = inboundOf(request, head)
    const match = matchRoute(snapshot, inbound, head, target)
    if (!match.ok) return { ...nothing, asked, refusal: match }
    const { target: route, captures } = match
    const from = head.forwardedFor === undefined ? undefined : saidAddress(clientAddress, head)
    const notFromHere = from === undefined ? undefined : addressRefusal(route, from)
    const { query, value: queryKey } = takeQueryParameter(target.query, 'api_key')
    const admission = route.isPublic
      ? { grant: null, refusal: undefined }
      : admit(
          deps,
          snapshot,
          rawKeyOf(head, snapshot.settings.allowsQueryKey ? queryKey : undefined),
          route,
          from,
        )
    const call = callOf(deps, inbound, target, match, admission.grant)
    const facts = { head, lines: head.lines, rawPath: target.rawPath, query, captures }
    const forwarded = forwardedOf(call, facts, snapshot, request.body)
    const { maxBodyBytes } = snapshot.settings
    const tooLarge =
      request.bodyBytes > maxBodyBytes
        ? refuse('payload_too_large', `The body is larger than ${maxBodyBytes} bytes`)
        : undefined
    const body = bodyRefusal(route, request, head)
    const refusal =
      notFromHere ?? tooLarge ?? admission.refusal ?? body.refusal ?? (forwarded.ok ? undefined : forwarded)
    return {
      refusal,
      asked,
      route,
      captures,
      fitsSchema: body.fitsSchema,
      caller: admission.grant ?? undefined,
      forwarded: forwarded.ok ? forwarded.value : undefined,
    }
  }
}

/** What the route's schema says of the body, as if it came without compression. */
function bodyRefusal(
  { bodyRules }: RouteEntry,
  { method, body }: AskedRequest,
  head: RequestHead,
): { readonly fitsSchema: boolean | undefined; readonly refusal: Refusal | undefined } {
  const rule = bodyRules?.get(method)
  if (rule === undefined) return { fitsSchema: undefined, refusal: undefined }
  const refusal =
    refusedUnread(rule, head) ?? (body === null ? undefined : checkPlainBody(rule, Buffer.from(body)))
  return { fitsSchema: refusal === undefined, refusal }
}

function headOf(request: AskedRequest): RequestHead | Refusal {
  const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const length = request.bodyBytes > 0 ? `Content-Length: ${request.bodyBytes}\r\n` : ''
  const bytes = Buffer.from(`${lines}${length}\r\n`, 'latin1')
  const block = new FieldBlock('none')
  block.reset(mostHeadBytes)
  const end = block.read(bytes, 0, bytes.length)
  if (block.isTooLarge)
    return refuse('headers_too_large', `The headers are larger than ${mostHeadBytes} bytes`)
  if (end !== bytes.length) return refuse('invalid_request', `The headers cannot be read: ${block.problem}`)
  return readRequestHead(block, '1.1')
}

const notSent = (): never => {
  throw new Fault('internal_error', 'a preview tried to send something')
}

function inboundOf({ method, target }: AskedRequest, head: RequestHead): Inbound {
  return {
    method,
    target,
    head,
    httpVersion: '1.1',
    remoteAddress: clientAddress,
    isSecure: false,
    isAnswered: false,
    watch: notSent,
    readBody: notSent,
    resumeBody: notSent,
    sendHead: notSent,
    flushHead: notSent,
    write: notSent,
    end: notSent,
    destroy: notSent,
  }
}

/** Everything of admission but the limits, so that nothing is taken from them. */
function admit(
  deps: { readonly tokenDigest: TokenDigest; readonly clock: Clock },
  snapshot: Snapshot,
  rawKey: string | undefined,
  route: RouteEntry,
  from: string | undefined,
): { readonly grant: Grant | null; readonly refusal: Refusal | undefined } {
  const { tokenDigest, clock } = deps
  const snapshots = createSnapshotHolder(snapshot)
  const recognise = createRecogniser({ snapshots, tokenDigest, proofs, limitsOf: () => () => null })
  const recognised = recognise(rawKey, route, clock.now(), from)
  return recognised.ok
    ? { grant: recognised.grant, refusal: undefined }
    : { grant: null, refusal: recognised }
}

function callOf(
  { clock }: { readonly clock: Clock },
  inbound: Inbound,
  target: RequestTarget,
  match: { readonly target: RouteEntry; readonly plans: RoutePlans },
  grant: Grant | null,
): Call {
  return {
    inbound,
    id: 'req_preview',
    requestId: 'req_preview',
    startedAt: clock.now(),
    path: target.path,
    route: match.target,
    plans: match.plans,
    grant,
    holds: noHolds,
    meter: null,
    requestBytes: 0,
    responseBytes: 0,
    isSettled: false,
  }
}

function forwardedOf(call: Call, asked: ForwardFacts, snapshot: Snapshot, body: string | null) {
  const outgoing = outgoingRequest(call, asked, body === null ? null : Buffer.from(body))
  if (!outgoing.ok) return outgoing.refusal
  const { facts } = outgoing
  const { route, inbound } = call
  const urls: string[] = []
  let host = ''
  for (const target of route.upstream.targets) {
    const base = new URL(target.url)
    const path = upstreamTarget(route, base.pathname.replace(/\/$/, ''), facts)
    if (!path.ok) return path
    urls.push(base.origin + path.value)
    if (host === '') host = base.host
  }
  const lines = upstreamHeaderLines(call, facts, host, snapshot.settings, () => false)
  return {
    ok: true as const,
    value: {
      method: route.methodOverride ?? inbound.method,
      urls,
      headers: headersOf(lines),
      body: outgoing.body === null ? null : outgoing.body.toString(),
    },
  }
}

const headersOf = (lines: string): readonly (readonly [string, string])[] =>
  lines
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
    })
