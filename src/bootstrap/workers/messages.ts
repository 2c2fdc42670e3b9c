import type { MetricSet } from '#adapters/metrics/metric-set.ts'
import type { DomainEvent } from '#contract/events.ts'
import type { KeyProof } from '#gateway/key-proofs.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'
import type { UpstreamStatus } from '#ports/upstream-status.ts'
import type { Config } from '../config.ts'

/** What a gateway thread is started with. */
export interface ThreadData {
  readonly role: 'gateway'
  /** From 1 on; a replacement has the number of the thread that it stands in for. */
  readonly number: number
  readonly config: Config
  readonly keyPepper: Uint8Array
  readonly journalDirectory: string
  readonly journalName: string
  /** How many threads share the upstreams. */
  readonly workers: number
  /** Requests under way, one Int32 for each number. */
  readonly activity: SharedArrayBuffer
  /** The table of limits that all threads count in. */
  readonly limits: SharedArrayBuffer
  /** Where control-plane requests go; undefined where nothing of the control plane answers on the port. */
  readonly relay: RelayAddress | undefined
}

/** Where the main thread takes requests of the control plane from the other threads, and what they show to be believed. */
export interface RelayAddress {
  readonly path: string
  readonly secret: string
}

/** How a gateway thread is. */
export interface ThreadReport {
  readonly metrics: MetricSet
  readonly upstreams: readonly UpstreamStatus[]
  readonly isWritable: boolean
}

/** One read of the records that a snapshot is made of. */
export interface Read {
  readonly method: Exclude<keyof Records, 'each'>
  readonly args: readonly unknown[]
}

/** From the main thread. */
export type ToThread =
  | { readonly kind: 'changed'; readonly id: number; readonly events: readonly DomainEvent[] }
  | { readonly kind: 'rows'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'unreadable'; readonly id: number; readonly message: string }
  | { readonly kind: 'listen'; readonly port: number }
  | { readonly kind: 'report'; readonly id: number }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'check' }
  | { readonly kind: 'believe'; readonly down: readonly string[] }
  | { readonly kind: 'close'; readonly deadlineMs: number }

/** To the main thread. */
export type FromThread =
  | { readonly kind: 'read'; readonly id: number; readonly read: Read }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'unable'; readonly message: string }
  | { readonly kind: 'proven'; readonly proof: KeyProof }
  | { readonly kind: 'down'; readonly down: readonly string[] }
  | { readonly kind: 'done'; readonly id: number; readonly report?: ThreadReport }
  | { readonly kind: 'log'; readonly level: keyof Log; readonly fields: object; readonly message: string }
