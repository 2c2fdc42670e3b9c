import type { Actor } from '#contract/actor.ts'
import type { DomainEvent } from '#contract/events.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Authorize } from '../../runtime/runtime.ts'
import { showRow } from '../../runtime/view.ts'
import type { Module } from '../../schema/module.ts'
import type { EventFeed } from './event-feed.ts'

/** Why a subscription ends, as the close codes that clients are told. */
export const closeCodes = {
  stopping: 1001,
  unexpected: 1003,
  failed: 1011,
  unauthorized: 4401,
  tooSlow: 4408,
  gone: 4410,
} as const

/** What a subscription needs. */
export interface SubscriptionDeps {
  readonly feed: EventFeed
  readonly module: Module
  /** Events after this place in the outbox. */
  readonly position: number
  /** Who listens, as it is at this moment. */
  readonly identify: () => Promise<Outcome<Actor>>
  readonly authorize: Authorize
  /** True for an event after which the listener may no longer be who it was. */
  readonly concernsIdentity: (event: DomainEvent) => boolean
  /** Resolves when there is room for more; false when the client is too slow. */
  readonly send: (text: string) => Promise<boolean>
  readonly end: (code: number, reason: string) => void
  readonly failed: (error: unknown) => void
}

/** True for the events that a module's channel carries. */
function isCarried({ name, channels }: Module, event: DomainEvent): boolean {
  if (event.module !== name) return false
  const word = event.type.startsWith(`${name}.`) ? event.type.slice(name.length + 1) : event.type
  return channels.websocket.events.includes(word) || channels.websocket.events.includes(event.type)
}

/** Whether an actor may read the record of an event, by the rule that answers for REST. */
function mayRead(authorize: Authorize, actor: Actor, module: Module, event: DomainEvent): boolean {
  const get = module.actions.get('get')
  const row = { ...event.data, id: event.record_id, organization_id: event.organization_id }
  return get !== undefined && authorize(actor, module, get, row) === true
}

/** An event as it is sent: with nothing in its data that its module does not show. */
function messageOf(module: Module, event: DomainEvent): string {
  const data = showRow(module, { ...event.data, id: event.record_id })
  return JSON.stringify({ event: event.type, id: event.id, data, at: event.at })
}

/**
 * Sends what happens to the records of a module, in order, each event once, as long as the listener may read it. It reads on only as
 * fast as the client does. The returned function ends it.
 */
export function startSubscription(deps: SubscriptionDeps): () => void {
  let { position } = deps
  let isRunning = false
  let hasNews = true
  let isOver = false

  const stop = (): void => {
    isOver = true
    leave()
  }
  const end = (code: number, reason: string): void => {
    if (isOver) return
    stop()
    deps.end(code, reason)
  }
  const pass = async (events: readonly DomainEvent[]): Promise<void> => {
    const carried = events.filter((event) => isCarried(deps.module, event))
    if (carried.length > 0 || events.some(deps.concernsIdentity)) {
      const actor = await deps.identify()
      if (!actor.ok) return end(closeCodes.unauthorized, 'the credential is no longer valid')
      for (const event of carried) {
        if (isOver) return undefined
        if (!mayRead(deps.authorize, actor.value, deps.module, event)) continue
        if (!(await deps.send(messageOf(deps.module, event))))
          return end(closeCodes.tooSlow, 'the client does not read fast enough')
      }
    }
    position = events.at(-1)?.seq ?? position
    return undefined
  }
  const run = async (): Promise<void> => {
    isRunning = true
    try {
      while (hasNews && !isOver) {
        hasNews = false
        for (;;) {
          const events = await deps.feed.read(position)
          if (events.length === 0 || isOver) break
          await pass(events)
        }
      }
    } catch (error) {
      deps.failed(error)
      end(closeCodes.failed, 'something failed on our side')
    }
    isRunning = false
  }
  const onNews = (): void => {
    hasNews = true
    if (!isRunning) void run()
  }
  const leave = deps.feed.onNews(onNews)
  onNews()
  return stop
}
