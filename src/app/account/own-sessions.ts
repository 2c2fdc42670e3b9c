import { type Refusal, refuse } from '#contract/outcome.ts'
import type { UserSessionRow } from '#contract/rows.gen.ts'
import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import { isLive } from '../identity/credentials.ts'
import type { AuthenticatedPerson } from './person.ts'
import type { EndSession } from './session-life.ts'

/** A person's own sign-ins. */
export interface OwnSessions {
  /** Those that are not over, the newest first. */
  list(person: AuthenticatedPerson): Promise<readonly UserSessionRow[]>
  /** Ends one; somebody else's is as if it were not there. */
  end(person: AuthenticatedPerson, sessionId: string, requestId: string): Promise<Refusal | undefined>
  /** Ends all but the one that asks, and tells how many. */
  endOthers(person: AuthenticatedPerson, requestId: string): Promise<number | Refusal>
}

const mostListed = 100

/** Sessions over the module of their name. */
export function createOwnSessions(deps: {
  readonly records: Records
  readonly endSession: EndSession
  readonly clock: Clock
}): OwnSessions {
  const list = async ({ userId }: AuthenticatedPerson) => {
    const { items } = await deps.records.list('user_session', {
      where: [
        { field: 'user_id', op: 'eq', value: userId },
        { field: 'revoked_at', op: 'eq', value: null },
        { field: 'expires_at', op: 'gt', value: new Date(deps.clock.now()).toISOString() },
      ],
      sort: { field: 'created_at', descending: true },
      limit: mostListed,
    })
    return items
  }
  return {
    list,
    async end({ userId }, sessionId, requestId) {
      const session = await deps.records.get('user_session', sessionId)
      const isTheirs = session?.user_id === userId && isLive(session, deps.clock.now())
      return isTheirs
        ? deps.endSession({ id: sessionId, userId }, requestId)
        : refuse('not_found', 'No such session')
    },
    async endOthers(person, requestId) {
      let ended = 0
      for (;;) {
        const others = (await list(person)).filter(({ id }) => id !== person.credential.id)
        if (others.length === 0) return ended
        for (const { id } of others) {
          const refusal = await deps.endSession({ id, userId: person.userId }, requestId)
          if (refusal !== undefined) return refusal
          ended += 1
        }
      }
    },
  }
}
