import { type Kysely, sql } from 'kysely'
import type { DomainEvent } from '#contract/events.ts'
import { Fault } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { Log } from '#ports/log.ts'
import type { Transaction } from '../engine.ts'
import type { SqlDialect } from '../storage/dialect.ts'
import type { Tables } from '../storage/tables.ts'
import { lastSeq, readSince } from './outbox.ts'

const mostAtOnce = 200
const handleWithinMs = 30_000
const firstPauseMs = 1_000
const longestPauseMs = 60_000

/** Somebody who hears of every committed event exactly once, in their order, also over crashes. */
export interface OutboxConsumer {
  /** Names the durable cursor; never given to another consumer. */
  readonly name: string
  /** Where a consumer begins that was never here before; `now` by default. */
  readonly from?: 'beginning' | 'now'
  /**
   * Takes some events. What it writes through the transaction is committed together with the cursor, or not at all; anything else it
   * does is done again after a failure. It must not call the engine, which waits for this transaction.
   */
  handle(events: readonly DomainEvent[], transaction: Transaction): Promise<void>
  /** Hears that what it handled is committed; a crash may leave that out. It must not throw. */
  committed?(): void
}

/** How far one consumer has come. */
export interface ConsumerState {
  readonly name: string
  readonly seq: number
  /** Events that it has not passed yet, counted by their numbers. */
  readonly behind: number
}

/** What tells consumers; its cursors are shared by all processes on the database, of which one at a time moves each. */
export interface Dispatcher {
  /** Gives those that were never here their cursors: they hear of whatever is committed once this resolves. */
  join(): Promise<void>
  /** Hands events over from now on, in the background, until `stop`. */
  start(): void
  stop(): Promise<void>
  /** There may be something new. */
  wake(): void
  /** Resolves when every consumer has passed every event that is committed; rejects when one fails. */
  drain(): Promise<void>
  states(): Promise<readonly ConsumerState[]>
}

/** Who works with the outbox. */
export interface OutboxParts {
  readonly db: Kysely<Tables>
  readonly dialect: SqlDialect
  readonly clock: Clock
  readonly log: Log
}

/** Makes what tells consumers of committed events. */
export function createDispatcher(
  parts: OutboxParts & { readonly consumers: readonly OutboxConsumer[]; readonly intervalMs: number },
): Dispatcher {
  const { db, log, consumers, intervalMs } = parts
  const alarm = createAlarm()
  let running: Promise<unknown> | undefined
  let isStopped = false

  async function follow(consumer: OutboxConsumer): Promise<void> {
    let atOnce = mostAtOnce
    let pauseMs = firstPauseMs
    while (!isStopped) {
      const heard = alarm.rings()
      try {
        const passed = await handOver(parts, consumer, atOnce)
        atOnce = Math.min(atOnce * 2, mostAtOnce)
        pauseMs = firstPauseMs
        if (passed === 0 && alarm.rings() === heard) await alarm.within(intervalMs)
      } catch (error) {
        log.error({ error, consumer: consumer.name }, 'events could not be handed over; tried again')
        // One at a time, so that those before the one that fails are passed.
        atOnce = 1
        await alarm.within(pauseMs, true)
        pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      }
    }
  }

  return {
    async join() {
      for (const consumer of consumers)
        if ((await cursorOf(db, consumer)) === undefined)
          await db.transaction().execute((transaction) => takeCursor(parts, transaction, consumer))
    },
    start() {
      running ??= Promise.all(consumers.map(follow))
    },
    async stop() {
      isStopped = true
      alarm.ring(true)
      await running
    },
    wake: () => alarm.ring(),
    async drain() {
      for (const consumer of consumers) while ((await handOver(parts, consumer, mostAtOnce)) > 0);
    },
    async states() {
      const last = await lastSeq(db)
      const cursors = await db.selectFrom('event_cursors').selectAll().orderBy('consumer').execute()
      return cursors.map(({ consumer, seq }) => ({
        name: consumer,
        seq: Number(seq),
        behind: Math.max(last - Number(seq), 0),
      }))
    },
  }
}

/** Gives a consumer its next events and moves its cursor, in one transaction; answers how many it has passed. */
async function handOver(parts: OutboxParts, consumer: OutboxConsumer, limit: number): Promise<number> {
  const { db, clock } = parts
  const known = await cursorOf(db, consumer)
  if (known !== undefined && (await lastSeq(db)) <= known) return 0
  const passed = await db.transaction().execute(async (transaction) => {
    const seq = await takeCursor(parts, transaction, consumer)
    const events = await readSince(transaction, seq, limit)
    const last = events.at(-1)
    if (last === undefined) return 0
    await withinTime(consumer, consumer.handle(events, { db: transaction }))
    const moved = await transaction
      .updateTable('event_cursors')
      .set({ seq: last.seq, moved_at: new Date(clock.now()).toISOString() })
      .where('consumer', '=', consumer.name)
      .where('seq', '=', seq)
      .executeTakeFirst()
    if (moved.numUpdatedRows !== 1n)
      throw new Fault('conflict', `the cursor of ${consumer.name} was moved by another process`)
    return events.length
  })
  if (passed > 0) consumer.committed?.()
  return passed
}

async function cursorOf(db: Kysely<Tables>, { name }: OutboxConsumer): Promise<number | undefined> {
  const row = await db
    .selectFrom('event_cursors')
    .select('seq')
    .where('consumer', '=', name)
    .executeTakeFirst()
  return row === undefined ? undefined : Number(row.seq)
}

/** The cursor, held against other processes until the end of the transaction; a new consumer gets one. */
async function takeCursor(
  { dialect, clock }: OutboxParts,
  transaction: Kysely<Tables>,
  consumer: OutboxConsumer,
): Promise<number> {
  const seq = consumer.from === 'beginning' ? 0 : await lastSeq(transaction)
  await transaction
    .insertInto('event_cursors')
    .values({ consumer: consumer.name, seq, moved_at: new Date(clock.now()).toISOString() })
    .onConflict((conflict) => conflict.column('consumer').doNothing())
    .execute()
  if (dialect.locksRows)
    await sql`select 1 from event_cursors where consumer = ${consumer.name} for update`.execute(transaction)
  return (await cursorOf(transaction, consumer)) ?? seq
}

/** A consumer that hangs would hold the transaction, and with it every writer. */
async function withinTime({ name }: OutboxConsumer, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const fault = new Fault('internal_error', `${name} did not take its events within ${handleWithinMs} ms`)
    timer = setTimeout(() => reject(fault), handleWithinMs)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits that can be ended early: by `ring`, and those that are a pause after a failure only by the last one. */
function createAlarm() {
  const waiting = new Set<{ readonly isPause: boolean; end(): void }>()
  let rings = 0
  return {
    /** How often it has rung: what rang while nobody waited must not be missed. */
    rings: () => rings,
    ring(isLast = false): void {
      rings += 1
      for (const wait of waiting) if (isLast || !wait.isPause) wait.end()
    },
    within(ms: number, isPause = false): Promise<void> {
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          waiting.delete(wait)
          resolve()
        }
        const timer = setTimeout(end, ms)
        timer.unref()
        const wait = { isPause, end }
        waiting.add(wait)
      })
    },
  }
}
