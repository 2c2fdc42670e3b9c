/** What of a subscription time acts on. Milliseconds UTC; null where there is no such moment. */
export interface Standing {
  readonly status: string
  readonly periodEndMs: number | null
  readonly trialEndMs: number | null
  readonly endsAtMs: number | null
  /** The end of the grace of one that is past due; null when that has been seen to. */
  readonly graceEndMs: number | null
}

/** What time does to a subscription: ends it, ends its trial or its grace, or begins its next period. */
export interface Step {
  readonly kind: 'end' | 'end_trial' | 'restrict' | 'renew'
  readonly atMs: number
}

/** What time brings next; undefined where it brings nothing any more. */
export function nextStep(standing: Standing): Step | undefined {
  const { status, periodEndMs, trialEndMs, endsAtMs, graceEndMs } = standing
  if (status === 'ended' || status === 'incomplete') return undefined
  if (status === 'cancelled') return stepAt('end', endsAtMs ?? periodEndMs)
  const renewal = stepAt('renew', periodEndMs)
  const other =
    status === 'trialing'
      ? stepAt('end_trial', trialEndMs)
      : status === 'past_due'
        ? stepAt('restrict', graceEndMs)
        : undefined
  if (other === undefined || renewal === undefined) return other ?? renewal
  return renewal.atMs < other.atMs ? renewal : other
}

const stepAt = (kind: Step['kind'], atMs: number | null): Step | undefined =>
  atMs === null ? undefined : { kind, atMs }
