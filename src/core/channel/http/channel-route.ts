import type { Actor } from '#contract/actor.ts'

/** One request that has been let in, as a channel handler sees it. */
export interface ChannelRequest {
  readonly actor: Actor
  readonly requestId: string
  readonly request: Request
  /** The path without the query, as it was asked. */
  readonly path: string
  /** Decoded values of the `:name` parts of the route. */
  readonly parameters: Readonly<Record<string, string>>
}

/** The methods that handlers are registered for; HEAD is answered by GET. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One address of the channel; whoever mounts it decides first who may come in. */
export interface ChannelRoute {
  readonly method: HttpMethod
  /** A path with `:name` for a part that varies. */
  readonly path: string
  readonly handle: (request: ChannelRequest) => Promise<Response>
}
