import type { Actor } from '#contract/actor.ts'
import type { Action, Module } from '../../schema/module.ts'
import type { DescribedOperation } from '../openapi/operation.ts'

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

/** What an address of a module does, for those who describe it. */
export interface RecordOperation {
  readonly module: Module
  readonly action: Action
  readonly method: HttpMethod
  /** True for a second name of an address: the singular, or dashes in the place of underscores. */
  readonly isAlias: boolean
  /** True for an address that the YAML names beside the usual ones. */
  readonly isNamed: boolean
}

/** One address of the channel; whoever mounts it decides first who may come in. */
export interface ChannelRoute {
  readonly method: HttpMethod
  /** A path with `:name` for a part that varies. */
  readonly path: string
  readonly handle: (request: ChannelRequest) => Promise<Response>
  /** Undefined for an address that is not made from a module. */
  readonly operation?: RecordOperation
  /** Its entry in the API document, where it brings one along. */
  readonly described?: DescribedOperation
  /** True for a second name of an address that is described already. */
  readonly isAlias?: boolean
}
