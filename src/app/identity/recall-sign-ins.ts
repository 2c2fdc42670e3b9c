import type { Clock } from '#ports/clock.ts'
import type { Records } from '#ports/records.ts'
import { knownForMs, type SignInThrottle } from './sign-in-throttle.ts'

/** Tells the throttle which operators signed in where, from the sessions that were kept, so that a restart does not forget it. */
export async function recallSignIns(deps: {
  readonly records: Records
  readonly throttle: SignInThrottle
  readonly clock: Clock
}): Promise<void> {
  const since = new Date(deps.clock.now() - knownForMs).toISOString()
  const accounts = new Map<string, string | undefined>()
  const recent = [{ field: 'created_at', op: 'gte', value: since }] as const
  for await (const { operator_id: operatorId, ip, created_at: createdAt } of deps.records.each(
    'session',
    recent,
  )) {
    if (operatorId === null || ip === '') continue
    if (!accounts.has(operatorId))
      accounts.set(operatorId, (await deps.records.get('operator', operatorId))?.email)
    const account = accounts.get(operatorId)
    if (account !== undefined) deps.throttle.recall(account, ip, Date.parse(createdAt))
  }
}
