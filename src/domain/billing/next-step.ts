/** What of a subscription time acts on. Milliseconds UTC; null where there is no such moment. */
export interface Standing {
  readonly status: string
  readonly periodEndMs: number | null
  readonly trialEndMs: number | null
  readonly endsAtMs: number | null
}

/** What time does to a subscription: ends it, ends its trial, or begins its next period. */
export interface Step {
  readonly kind: 'end' | 'end_trial' | 'renew'
  readonly atMs: number
}

/** What time brings next; undefined where it brings nothing any more. */
export function nextStep({ status, periodEndMs, trialEndMs, endsAtMs }: Standing): Step | undefined {
  if (status === 'ended' || status === 'incomplete') return undefined
  if (status === 'cancelled') return stepAt('end', endsAtMs ?? periodEndMs)
  const renewal = stepAt('renew', periodEndMs)
  const trialEnd = status === 'trialing' ? stepAt('end_trial', trialEndMs) : undefined
  if (trialEnd === undefined || renewal === undefined) return trialEnd ?? renewal
  return renewal.atMs < trialEnd.atMs ? renewal : trialEnd
}

const stepAt = (kind: Step['kind'], atMs: number | null): Step | undefined =>
  atMs === null ? undefined : { kind, atMs }
