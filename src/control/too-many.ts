import { type Refusal, refuse } from '#contract/outcome.ts'
import type { Metrics } from '#ports/metrics.ts'
import type { RequestGate } from './request-gate.ts'

/** The refusal of a request that its sender has had too many of; undefined lets it in. */
export type TooMany = (sender: string) => Refusal | undefined

/** Asks the gate, and counts what it turns away. */
export function createTooMany(deps: {
  readonly gate: RequestGate
  readonly metrics: Pick<Metrics, 'rateLimited'>
}): TooMany {
  return (sender) => {
    const waitMs = deps.gate.take(sender)
    if (waitMs === 0) return undefined
    deps.metrics.rateLimited('control')
    const details = { retry_after: Math.ceil(waitMs / 1000) }
    return refuse('rate_limit_exceeded', 'Too many requests in a minute', details)
  }
}
