import type { Refusal } from '#contract/outcome.ts'
import type { KeyEntry, PlanEntry, RouteEntry, Snapshot, SubscriptionEntry } from './snapshot.ts'

/** A request that nobody sends. */
export interface AskedRequest {
  readonly method: string
  /** Path and query, as they stand in a request line. */
  readonly target: string
  /** Host among them. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly bodyBytes: number
  /** null where there is none. */
  readonly body: string | null
}

/** How far a request would come, and what would become of it. */
export interface RequestPreview {
  /** Why it would be refused; undefined when it would be forwarded. What limits would say of it is not known here. */
  readonly refusal: Refusal | undefined
  /** The path that routes are matched against, and the host; undefined when the request cannot be read. */
  readonly asked: { readonly path: string; readonly host: string } | undefined
  readonly route: RouteEntry | undefined
  readonly captures: Readonly<Record<string, string>>
  /** Whether the body is as the route wants it; undefined where the route does not say. */
  readonly fitsSchema: boolean | undefined
  /** Who calls, where the key opens the route. */
  readonly caller:
    | { readonly key: KeyEntry; readonly subscription: SubscriptionEntry; readonly plan: PlanEntry }
    | undefined
  /** What the upstream would get; undefined when there is no route or its path cannot be rewritten. */
  readonly forwarded:
    | {
        readonly method: string
        /** One for each target of the upstream. */
        readonly urls: readonly string[]
        readonly headers: readonly (readonly [name: string, value: string])[]
        /** What is sent in the place of the body; null where it is sent as it is. */
        readonly body: string | null
      }
    | undefined
}

/** Walks the way of a request without sending, counting or taking anything. */
export type PreviewRequest = (snapshot: Snapshot, request: AskedRequest) => RequestPreview
