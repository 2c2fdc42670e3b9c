import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { holdsOurSecret } from '#domain/key.ts'
import type { GatewaySettings, RouteEntry } from '#ports/snapshot.ts'
import type { Call } from './call.ts'
import type { RequestHead } from './request-head.ts'
import { holdsDotSegments } from './request-target.ts'
import { CheckedLines } from './upstream/request-head.ts'

/** What is known of a request beside the call itself. */
export interface ForwardFacts {
  readonly head: RequestHead
  /** The client's header lines that go on, each ended by CRLF; a transform may have changed them. */
  readonly lines: string
  readonly rawPath: string
  /** With its `?`, without our key. */
  readonly query: string
  readonly captures: Readonly<Record<string, string>>
}

/** Whether the direct peer may speak for the client in X-Forwarded-*. */
export type TrustsPeer = (remoteAddress: string) => boolean

/** The target to ask the upstream for: its base path, then the request's path or its rewrite, then the query. */
export function upstreamTarget(route: RouteEntry, basePath: string, facts: ForwardFacts): Outcome<string> {
  if (route.pathRewrite === null) return accept(basePath + facts.rawPath + facts.query)
  let missing: string | undefined
  const path = route.pathRewrite.replace(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_whole, name: string) => {
    const value = Object.hasOwn(facts.captures, name) ? facts.captures[name] : undefined
    if (value === undefined) missing = name
    return value ?? ''
  })
  if (missing !== undefined)
    return refuse('transform_error', 'The path of this route could not be rewritten', { capture: missing })
  const rooted = path.startsWith('/') ? path : `/${path}`
  // Captures that are harmless alone can become dot segments together.
  if (holdsDotSegments(rooted))
    return refuse('transform_error', 'The path of this route could not be rewritten', {
      reason: 'dot segments',
    })
  return accept(basePath + rooted + facts.query)
}

/** The header lines for the upstream, each ended by CRLF: the client's, minus our secrets, plus who calls and where from. */
export function upstreamHeaderLines(
  call: Call,
  facts: ForwardFacts,
  upstreamHost: string,
  settings: GatewaySettings,
  trustsPeer: TrustsPeer,
): string {
  return ofTheHead(call, facts, upstreamHost, settings, trustsPeer) + ofTheCall(call)
}

/**
 * The same in two parts, where the client has sent this very head before: what depends on the head was made and checked then, as long as
 * it is for the same upstream, route and caller. Undefined otherwise.
 */
export function repeatedHeaderLines(
  call: Call,
  facts: ForwardFacts,
  upstreamHost: string,
  settings: GatewaySettings,
  trustsPeer: TrustsPeer,
): { readonly fixedLines: CheckedLines; readonly headers: string } | undefined {
  const { head } = facts
  if (!head.isRepeated || facts.lines !== head.lines) return undefined
  const { route, grant } = call
  const known = head.forUpstream
  const isKnown =
    known !== undefined &&
    known.route === route &&
    known.grant === grant &&
    known.host === upstreamHost &&
    known.settings === settings
  if (isKnown) return { fixedLines: known.lines, headers: ofTheCall(call) }
  const lines = CheckedLines.of(ofTheHead(call, facts, upstreamHost, settings, trustsPeer))
  if (lines === undefined) return undefined
  head.forUpstream = { lines, host: upstreamHost, settings, route, grant }
  return { fixedLines: lines, headers: ofTheCall(call) }
}

const ofTheCall = ({ requestId }: Call): string => `X-Request-Id: ${requestId}\r\n`

function ofTheHead(
  call: Call,
  facts: ForwardFacts,
  upstreamHost: string,
  settings: GatewaySettings,
  trustsPeer: TrustsPeer,
): string {
  const { head } = facts
  const { inbound, grant, route } = call
  const isTrusted = trustsPeer(inbound.remoteAddress)
  const ownProto = inbound.isSecure ? 'https' : 'http'
  const forwardedFor =
    isTrusted && head.forwardedFor !== undefined
      ? `${head.forwardedFor}, ${inbound.remoteAddress}`
      : inbound.remoteAddress
  const proto = isTrusted && head.forwardedProto !== undefined ? head.forwardedProto : ownProto
  return (
    `Host: ${upstreamHost}\r\n${ownCredentials(head, grant !== null, settings, route)}${passedLines(facts.lines, route)}` +
    // Where the operator has the upstream asked by one method, it may read the client's own from these.
    `${route.methodOverride === null ? '' : head.methodLines}` +
    `${isTrusted ? head.forwardedLines : ''}` +
    `X-Forwarded-For: ${forwardedFor}\r\nX-Forwarded-Proto: ${proto}\r\n` +
    `X-Forwarded-Host: ${head.rawHost}\r\n${grant === null ? '' : grant.identityLines}`
  )
}

// Servers that make variables of names read `X_Auth` and `X-Auth` as the same.
const spelling = (name: string | undefined): string | undefined => name?.toLowerCase().replaceAll('_', '-')

// A header that we inject must not stand there a second time with the client's value.
function passedLines(lines: string, route: RouteEntry): string {
  const injected = spelling(route.upstream.authHeader?.[0])
  if (injected === undefined || injected === 'authorization' || injected === 'x-api-key') return lines
  return lines
    .split('\r\n')
    .filter((line) => line !== '' && spelling(line.slice(0, line.indexOf(':'))) !== injected)
    .map((line) => `${line}\r\n`)
    .join('')
}

/** The Authorization and X-API-Key that the upstream gets: its own from the route's upstream, never a key of ours. */
function ownCredentials(
  head: RequestHead,
  isKeyed: boolean,
  settings: GatewaySettings,
  route: RouteEntry,
): string {
  const injected = route.upstream.authHeader
  let lines = injected === null ? '' : `${injected[0]}: ${injected[1]}\r\n`
  const injectedName = injected?.[0].toLowerCase()
  const { authorization, apiKeyHeader } = head
  const isOurs = (text: string): boolean => holdsOurSecret(text, settings.keyPrefix)
  const isOurBearer = isKeyed && authorization !== undefined && head.bearer !== undefined
  if (
    authorization !== undefined &&
    !isOurBearer &&
    !isOurs(authorization) &&
    injectedName !== 'authorization'
  )
    lines += `Authorization: ${authorization}\r\n`
  if (apiKeyHeader !== undefined && !isKeyed && !isOurs(apiKeyHeader) && injectedName !== 'x-api-key')
    lines += `X-API-Key: ${apiKeyHeader}\r\n`
  return lines
}
