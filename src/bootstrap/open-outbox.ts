import { createDispatcher, type Dispatcher, type OutboxConsumer } from '#core/runtime/dispatch.ts'
import { pruneEvents } from '#core/runtime/prune-events.ts'
import type { House } from './open-house.ts'

/** How often the outbox is looked at: where the database tells of commits, in case it could not, and where it does not. */
const intervalsMs = { told: 5_000, untold: 100 } as const
const dayMs = 86_400_000
/** How long events stay that everybody has passed, in days (`events.retention_days`). */
const usualRetentionDays = 30

/** The outbox of a house that serves: hands events to its consumers and forgets old ones. */
export interface OpenOutbox extends Dispatcher {
  /** Deletes events that are old enough and passed by every consumer; to be called from time to time. */
  prune(): Promise<number>
}

/**
 * Starts to hand committed events to consumers: those of this process at once, those of others when the database tells of them, else ten
 * times a second. Nothing that is committed once it resolves is missed, also by a new consumer.
 */
export async function openOutbox(house: House, consumers: readonly OutboxConsumer[]): Promise<OpenOutbox> {
  const { clock, log, engine } = house
  const { listen } = house.database
  const intervalMs = listen === undefined ? intervalsMs.untold : intervalsMs.told
  const parts = { db: house.database.db, dialect: house.database.dialect, clock, log }
  const dispatcher = createDispatcher({ ...parts, consumers, intervalMs })
  await dispatcher.join()
  engine.onCommit(dispatcher.wake)
  const stopListening = listen?.(dispatcher.wake)
  dispatcher.start()
  return {
    ...dispatcher,
    async stop() {
      stopListening?.()
      await dispatcher.stop()
    },
    async prune() {
      const setting = await engine.records.getBy('setting', 'key', 'events.retention_days')
      return pruneEvents(parts, Number(setting?.value || usualRetentionDays) * dayMs)
    },
  }
}
