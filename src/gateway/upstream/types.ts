import type { ConnectionOptions } from 'node:tls'
import type { HeaderList } from '../wire/header-list.ts'
import type { CheckedLines } from './request-head.ts'

/** One request to an upstream. The caller gives every header; this client adds only the framing. */
export interface UpstreamRequest {
  readonly method: string
  /** Origin-form target: path and query. */
  readonly target: string
  /**
   * Complete header lines, each ended by CRLF, as one latin1 string. Without Content-Length, Transfer-Encoding and
   * Connection: the client writes the first two from `body` and leaves the third out (HTTP/1.1 stays open).
   */
  readonly headers: string
  /** More lines, in front of those. */
  readonly fixedLines?: CheckedLines | undefined
  /** 'none', a known length in bytes, or 'chunked'. */
  readonly body: 'none' | 'chunked' | number
  /**
   * Longest time the upstream may keep everybody waiting: until its head (connecting included), and between two
   * pieces of its body. It stands still while the reader is paused or while the request body is the caller's to send.
   */
  readonly timeoutMs: number
  /** Asks for another protocol on this connection; only without a body. */
  readonly upgrade?: UpgradeOffer
  /** Tells the upstream that trailers of its answer are welcome. */
  readonly wantsTrailers?: boolean
}

/** Another protocol that an exchange offers to go on with. */
export interface UpgradeOffer {
  /** As in the Upgrade header, in lower case. */
  readonly protocol: string
  /** Longest time that the upstream may leave what it is sent unread, once it has agreed. */
  readonly stallMs: number
}

/**
 * How an exchange failed: no connection (DNS, refused, TLS), silence, an answer cut off or a connection lost,
 * or an answer that is not HTTP as this client accepts it. The last two never reached the upstream: 'busy' met the bound
 * of its connections, 'open' met a circuit breaker.
 */
export type UpstreamFailure = 'connect' | 'timeout' | 'reset' | 'protocol' | 'busy' | 'open'

/** What an exchange tells. Calls never come from inside `send`, except that a listener may itself send. */
export interface UpstreamListener {
  /**
   * The final status and headers as a flat list name, value, name, value: original case and order, hop-by-hop fields
   * removed. `bodyLength` is undefined when the length is not known beforehand, and 0 when there is no body.
   * Content-Length is in the list only for answers to HEAD and for 304, where it describes a body that does not follow.
   * 101 comes only to an offered upgrade: then `onData` and `onEnd` give what the upstream says in the new protocol, and
   * `write` and `end` of the exchange speak to it, until either side ends.
   */
  onHead(status: number, reason: string, headers: HeaderList, bodyLength: number | undefined): void
  /**
   * A piece of the body that is not the end. The buffer belongs to the callee. False pauses reading until `resume()`;
   * bytes that were already read (at most one read buffer) may still follow.
   */
  onData(chunk: Buffer): boolean
  /**
   * The answer is complete. `last` is its last piece when it came together with the end: for a small answer the whole
   * body, in the same turn as onHead. The buffer belongs to the callee. Trailers are a flat list like the headers.
   */
  onEnd(last: Buffer | undefined, trailers: readonly string[]): void
  /**
   * Called at most once, instead of onHead or after it, never after onEnd. `sent` tells whether any byte of the request
   * may have reached the upstream; `retryAfterMs`, only with 'busy' and 'open', after which time it is worth trying again.
   */
  onFailure(failure: UpstreamFailure, detail: string, sent: boolean, retryAfterMs?: number): void
  /** The request body may be written again after `write` returned false. */
  onDrain(): void
}

/** A running exchange. Every call is allowed at any time; once the exchange is over they do nothing. */
export interface UpstreamExchange {
  /** True while all of the request, its body included, is with the upstream and its answer is not complete. */
  readonly isRequestSent: boolean
  /** Sends a piece of the request body, which must not change afterwards. False: wait for onDrain. */
  write(chunk: Buffer): boolean
  /** Ends the request body; `trailers`, lines each ended by CRLF, go with a chunked one. Throws a RangeError, and gives the exchange up, when a promised length is not met. */
  end(chunk?: Buffer, trailers?: string): void
  pause(): void
  resume(): void
  /** Gives up: closes the connection unless the answer is complete; no listener call follows. */
  abort(): void
}

/** Keep-alive connections to one origin. */
export interface UpstreamPool {
  /** Starts an exchange. Throws a RangeError for a method, target or header block that could not be sent safely. */
  send(request: UpstreamRequest, listener: UpstreamListener): UpstreamExchange
  /** Idle and busy connections right now. */
  stats(): { idle: number; busy: number }
  /** Closes idle connections at once and busy ones when their exchange ends. A later `send` gets a connection of its own. */
  close(): void
}

/** How a pool behaves; times are kept to about a tenth of a second, never short. */
export interface UpstreamPoolOptions {
  /** http or https; only the origin is used. */
  readonly baseUrl: string
  /** Connections kept open without work; the number of busy ones is not bounded here. */
  readonly maxIdleConns: number
  readonly idleConnTimeoutMs: number
  /** 10 seconds when absent. */
  readonly connectTimeoutMs?: number
  /** Bound of an answer's head, informational heads included, and of its trailers; 64 KiB when absent. */
  readonly maxHeadBytes?: number
  /** More options for TLS, for example `ca`. */
  readonly tls?: ConnectionOptions
}
