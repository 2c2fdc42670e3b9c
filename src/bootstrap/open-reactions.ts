import { createReactionLog } from '#adapters/sql/reaction-log.ts'
import { createJobQueue } from '#app/jobs/job-queue.ts'
import { createQueueReactions, reactionJob } from '#app/reactions/queue-reactions.ts'
import { createRecordReactions } from '#app/reactions/record-reactions.ts'
import { createRunReaction, type ReactionHands } from '#app/reactions/run-reaction.ts'
import type { Actor } from '#contract/actor.ts'
import { refuse } from '#contract/outcome.ts'
import type { OutboxConsumer } from '#core/runtime/dispatch.ts'
import type { CustomRecords } from '#ports/custom-behaviour.ts'
import type { JobMetrics } from '#ports/metrics.ts'
import type { Records } from '#ports/records.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { House } from './open-house.ts'
import { createHouseWorker } from './open-jobs.ts'

/** How often calls are looked for that a crash has left behind. */
const lookEveryMs = 1_000
/** How long calls that were given up can be tried again, as long as their dead letters. */
const keepFailedMs = 90 * 86_400_000

/** The reactions of a house that serves: code of the operator's own that is called for events. */
export interface OpenReactions {
  readonly consumer: OutboxConsumer
  /** Reacts from now on, in the background, until `stop`. */
  start(): void
  /** Does everything that is recorded and due, and answers how many attempts that was. */
  runDue(): Promise<number>
  /** Forgets what was given up long ago. */
  prune(): Promise<void>
  /** To be called when nobody tells the consumer of events any more. */
  stop(graceMs: number): Promise<void>
}

/** Makes them; undefined where no code reacts to anything. */
export function openReactions(house: House, metrics: JobMetrics): OpenReactions | undefined {
  const { reactions, database, clock, providers } = house
  if (Object.keys(reactions).length === 0) return undefined
  // A queue of their own for this worker alone: what takes a minute must not hold up mails.
  const queue = createJobQueue({ capabilities: providers.capabilities })
  const log = createReactionLog(database.db)
  const queueReady = createQueueReactions({ log, queue, clock })
  const look = oneAtATime(queueReady, (error) =>
    house.log.error({ error }, 'reactions could not be queued; tried again'),
  )
  const run = createRunReaction({ reactions, log, clock, hands: handsOf(house), next: look.run })
  queue.register(reactionJob, run)
  const worker = createHouseWorker({ ...house, jobs: { ...house.jobs, queue } }, metrics)
  const record = createRecordReactions(reactions)
  let timer: NodeJS.Timeout | undefined
  return {
    consumer: {
      name: 'reactions',
      handle: (events, { db }) => record(events, createReactionLog(db)),
      committed: look.run,
    },
    start() {
      queue.onEnqueued(worker.wake)
      worker.start()
      timer ??= setInterval(look.run, lookEveryMs)
      timer.unref()
    },
    async runDue() {
      for (let done = 0; ; ) {
        const ready = await queueReady()
        const jobs = await worker.runDue()
        done += jobs
        if (ready === 0 && jobs === 0) return done
      }
    },
    prune: () => log.prune(clock.now() - keepFailedMs),
    async stop(graceMs) {
      clearInterval(timer)
      await look.idle()
      await worker.stop(graceMs)
    },
  }
}

/** What reactions work with: the system's rights, within the organization of the event where it has one. */
function handsOf({ engine, providers, clock, ids, log }: House): ReactionHands {
  return (event, reaction) => {
    const organizationId = event.organization_id
    const invokeAs = (actor: Actor): ReturnType<ReactionHands>['invoke'] => {
      return (call) => engine.invoke({ ...call, actor, requestId: event.id })
    }
    const system = { kind: 'system', id: reaction } as const
    return {
      ...providers.capabilities,
      clock,
      ids,
      log,
      refuse,
      records: custom(organizationId === null ? engine.records : engine.recordsWithin(organizationId)),
      invoke: invokeAs(organizationId === null ? system : { ...system, organizationId }),
      everywhere: { records: custom(engine.records), invoke: invokeAs(system) },
    }
  }
}

/** Modules of the operator's own have no row types that we know. */
const custom = (records: Records): CustomRecords => records as unknown as CustomRecords
