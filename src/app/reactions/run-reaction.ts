import type { DomainEvent } from '#contract/events.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { JobHandler } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { CustomReaction, CustomReactions, ReactionContext } from '#ports/custom-behaviour.ts'
import type { ReactionLog } from '#ports/reaction-log.ts'

const longestMs = 60_000

type Hands = Omit<ReactionContext, 'event' | 'attempt' | 'signal'>

/** What a reaction is given beside the event. */
export type ReactionHands = (event: DomainEvent, reaction: string) => Hands

/**
 * Does the jobs of reactions. A call that is done is forgotten before its job is, so that what a crash repeats is at most the call under
 * way; one that is given up lets those after it go on, and is tried again when its dead letter is.
 */
export function createRunReaction(deps: {
  readonly reactions: CustomReactions
  readonly log: Pick<ReactionLog, 'find' | 'done' | 'failed'>
  readonly clock: Clock
  readonly hands: ReactionHands
  /** Hears that another call may have its turn. */
  readonly next: () => void
  readonly mostMs?: number
}): JobHandler {
  const { reactions, log, clock, next, mostMs = longestMs } = deps
  return async ({ payload, attempt, attempts, signal }) => {
    const call = { reaction: String(payload['reaction']), seq: Number(payload['seq']) }
    const event = await log.find(call)
    if (event === undefined) return accept(undefined)
    const giveUp = async (): Promise<void> => {
      await log.failed(call, clock.now())
      next()
    }
    const isLast = attempt >= attempts
    const reaction = Object.hasOwn(reactions, call.reaction) ? reactions[call.reaction] : undefined
    try {
      const outcome =
        reaction === undefined
          ? refuse('service_unavailable', `The code of the reaction "${call.reaction}" is not loaded here`)
          : await runWithin(mostMs, call.reaction, signal, (ending) =>
              react(reaction, deps.hands(event, call.reaction), { event, attempt, signal: ending }),
            )
      if (outcome.ok) {
        await log.done(call)
        next()
      } else if (isLast || outcome.code !== 'service_unavailable') await giveUp()
      return outcome
    } catch (error) {
      // What a stopping process breaks off is no attempt.
      if (isLast && !signal.aborted) await giveUp()
      throw error
    }
  }
}

/** Calls it with hands that write nothing once it is over: another attempt may be under way by then. */
function react(
  reaction: CustomReaction,
  hands: Hands,
  facts: Pick<ReactionContext, 'event' | 'attempt' | 'signal'>,
): unknown {
  const open =
    (invoke: Hands['invoke']): Hands['invoke'] =>
    (call) =>
      facts.signal.aborted
        ? Promise.reject(
            new Fault('internal_error', 'a reaction goes on after its end: await what it begins'),
          )
        : invoke(call)
  const everywhere = { ...hands.everywhere, invoke: open(hands.everywhere.invoke) }
  return reaction.run({ ...hands, ...facts, invoke: open(hands.invoke), everywhere })
}

/** Runs something until it ends, its time is up, or the process stops; what it answers must be nothing or an outcome. */
async function runWithin(
  mostMs: number,
  name: string,
  stop: AbortSignal,
  run: (ending: AbortSignal) => unknown,
): Promise<Outcome<unknown>> {
  const end = new AbortController()
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(
      () => reject(new Fault('internal_error', `the reaction "${name}" did not end within ${mostMs} ms`)),
      mostMs,
    )
    end.signal.addEventListener('abort', () => clearTimeout(timer))
    stop.addEventListener('abort', () => reject(new Fault('service_unavailable', 'broken off')))
  })
  try {
    const answer: unknown = await Promise.race([run(AbortSignal.any([stop, end.signal])), late])
    if (answer === undefined) return accept(undefined)
    if (isOutcome(answer)) return answer
    throw new Fault('internal_error', `the reaction "${name}" answered something that is no outcome`)
  } finally {
    end.abort()
  }
}

const isOutcome = (value: unknown): value is Outcome<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  'ok' in value &&
  (value.ok === true || (value.ok === false && 'code' in value && 'message' in value))
