import type { DomainEvent } from '#contract/events.ts'
import { isWanted } from '#domain/webhook/event-filter.ts'
import type { CustomReactions } from '#ports/custom-behaviour.ts'
import type { ReactionLog } from '#ports/reaction-log.ts'

/** Keeps in a log which reactions committed events are for. Run twice on the same events it notes them once. */
export function createRecordReactions(
  reactions: CustomReactions,
): (events: readonly DomainEvent[], log: Pick<ReactionLog, 'add'>) => Promise<void> {
  const all = Object.entries(reactions)
  return (events, log) =>
    log.add(
      events.flatMap((event) =>
        all.filter(([, { on }]) => isWanted(on, event.type)).map(([reaction]) => ({ reaction, event })),
      ),
    )
}
