/** One request to somewhere else. */
export interface OutboundRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** From the first lookup to the last byte of the answer. */
  readonly timeoutMs: number
  readonly mostResponseBytes: number
  /** True where the operator lets this caller reach private and loopback addresses. */
  readonly allowsPrivate: boolean
  readonly signal?: AbortSignal
}

/** An answer, whole. Header names are in lower case; a header that stands several times is joined by a comma. */
export interface OutboundAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Why there is no answer, in words that a log may show. `wasSent` is false when the other side cannot have seen any of it. */
export interface OutboundFailure {
  readonly kind: 'refused_address' | 'connection' | 'timeout' | 'too_large' | 'redirect' | 'aborted'
  readonly reason: string
  readonly wasSent: boolean
}

/**
 * Requests to servers that the product does not know: bounded in time and size, TLS verified, no redirect to another host, and no
 * private address unless the request allows it.
 */
export type OutboundHttp = (
  request: OutboundRequest,
) => Promise<
  | { readonly ok: true; readonly answer: OutboundAnswer }
  | { readonly ok: false; readonly failure: OutboundFailure }
>
