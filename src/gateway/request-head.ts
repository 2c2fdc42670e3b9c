import type { GatewaySettings, RouteEntry } from '#ports/snapshot.ts'
import type { Grant } from './grant.ts'
import type { CheckedLines } from './upstream/request-head.ts'
import type { FieldLines } from './wire/field-block.ts'

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
