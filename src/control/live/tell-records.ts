import type { Actor } from '#contract/actor.ts'
import type { DomainEvent } from '#contract/events.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { EventFeed } from '#core/channel/websocket/event-feed.ts'
import { closeCodes, startSubscription } from '#core/channel/websocket/subscription.ts'
import type { Authorize } from '#core/runtime/runtime.ts'
import type { Module } from '#core/schema/module.ts'
import type { Begin } from './live.ts'

const identityModules = new Set([
  'membership',
  'operator',
  'operator_token',
  'organization',
  'session',
  'user',
  'user_session',
])
const concernsIdentity = ({ module }: DomainEvent): boolean => identityModules.has(module)

/** Tells a client what happens to the records of a module after a place in the outbox; undefined is a place that is not kept. */
export function tellRecords(deps: {
  readonly feed: EventFeed
  readonly module: Module
  readonly position: number | undefined
  readonly again: () => Promise<Outcome<Actor>>
  readonly authorize: Authorize
  readonly failed: (error: unknown) => void
}): Begin {
  const { position, again: identify } = deps
  return ({ send, end }) => {
    if (position !== undefined)
      return startSubscription({ ...deps, position, identify, concernsIdentity, send, end })
    end(closeCodes.gone, 'the event of since is not kept: read the records again')
    return () => undefined
  }
}
