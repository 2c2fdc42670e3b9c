import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import { knownForMs, type SignInThrottle } from '../identity/sign-in-throttle.ts'

/** The most sign-ins that are looked through; what the throttle remembers is bounded too. */
const mostRecalled = 10_000

/** Tells the throttle who signed in where lately, so that a restart does not forget it. */
export async function recallPeople(deps: {
  readonly records: Records
  readonly throttle: SignInThrottle
  readonly clock: Clock
}): Promise<void> {
  const { records, throttle } = deps
  const since = new Date(deps.clock.now() - knownForMs).toISOString()
  const where = [{ field: 'created_at', op: 'gte', value: since }] as const
  const emails = new Map<string, string | undefined>()
  let seen = 0
  for await (const session of records.each('user_session', where)) {
    const { user_id: userId, ip, created_at: at, impersonated_by: operatorId } = session
    // Where an operator sits is no address of the person.
    if (operatorId !== null) continue
    seen += 1
    if (seen > mostRecalled) return
    if (ip === '') continue
    if (!emails.has(userId)) emails.set(userId, (await records.get('user', userId))?.email)
    const email = emails.get(userId)
    if (email !== undefined) throttle.recall(email, ip, Date.parse(at))
  }
}

/** Runs a work once; one that failed is tried again by whoever comes next. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return async () => {
    done ??= work()
    try {
      await done
    } catch (error) {
      done = undefined
      throw error
    }
  }
}
