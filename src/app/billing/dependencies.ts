import { systemActor } from '#contract/actor.ts'
import { Fault } from '#contract/outcome.ts'
import type { Invocation } from '#ports/behaviour.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Call, InvokeAll } from '#ports/invoke.ts'
import type { Ledger } from '#ports/ledger.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'
import type { UsageCutOff } from '#ports/usage-cut-off.ts'
import type { UsageEvidence } from '#ports/usage-evidence.ts'

/** What the flows of money work with. */
export interface BillingDependencies {
  readonly records: Records
  readonly invokeAll: InvokeAll
  readonly ledger: Ledger
  readonly evidence: UsageEvidence
  readonly cutOff: UsageCutOff
  readonly clock: Clock
  readonly ids: Pick<Ids, 'next'>
  readonly log: Log
}

/** A call of the product itself. */
export const ownCall = (call: Invocation & Pick<Call, 'beforeCommit'>): Call => ({
  ...call,
  actor: systemActor,
  requestId: 'billing',
})

/** Minor units as a record keeps them. */
export function minorNumber(amountMinor: bigint): number {
  const amount = Number(amountMinor)
  if (!Number.isSafeInteger(amount))
    throw new Fault('internal_error', `the amount ${amountMinor} is too large`)
  return amount
}

/** A moment as a record keeps it. */
export const timeText = (atMs: number): string => new Date(atMs).toISOString()
