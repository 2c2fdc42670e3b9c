import type { Refusal } from '#contract/outcome.ts'
import { limitLines } from './limit-headers.ts'
import type { RequestLimits } from './limits/request-limits.ts'

/** A refusal that may be another answer after so many seconds. */
export type PassingRefusal = Refusal & { readonly retryAfterSeconds: number }

/** The header lines that a refusal brings along: what the limits tell, and when or how to try again. */
export function refusalLines(refusal: Refusal, limits: RequestLimits | null, nowMs: number): string {
  if (refusal.code === 'upgrade_required')
    return 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
  const lines = limitLines(limits, nowMs)
  if ('retryAfterSeconds' in refusal) return `${lines}Retry-After: ${refusal.retryAfterSeconds}\r\n`
  return refusal.code === 'service_unavailable' ? `${lines}Retry-After: 1\r\n` : lines
}
