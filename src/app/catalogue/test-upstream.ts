import { accept, type Outcome, refuseFields } from '#contract/outcome.ts'
import { addressProblem } from '#domain/upstream/targets.ts'
import type { Clock } from '#ports/clock.ts'
import type { OutboundHttp } from '#ports/outbound-http.ts'

const timeoutMs = 5_000
const mostBytes = 64 * 1024

/** How an address answered. `status` is null when it did not, or with something that is not to be followed; then `problem` says why. */
export interface UpstreamProbe {
  readonly url: string
  readonly reached: boolean
  readonly status: number | null
  readonly duration_ms: number
  readonly problem: string | null
}

/** Asks an address once, as the gateway would reach it, and says how it answered. */
export type TestUpstream = (address: string) => Promise<Outcome<UpstreamProbe>>

/** Private addresses are let through: upstreams mostly have one. What is answered stays here but for its status. */
export function createTestUpstream({
  http,
  clock,
}: {
  readonly http: OutboundHttp
  readonly clock: Clock
}): TestUpstream {
  return async (address) => {
    const reason = addressProblem(address)
    if (reason !== undefined) return refuseFields([{ field: 'url', reason }])
    const startedAt = clock.now()
    const result = await http({
      method: 'GET',
      url: new URL(address),
      headers: { accept: '*/*' },
      timeoutMs,
      mostResponseBytes: mostBytes,
      allowsPrivate: true,
    })
    const known = { url: address, duration_ms: clock.now() - startedAt }
    if (result.ok) return accept({ ...known, reached: true, status: result.answer.status, problem: null })
    const { kind, reason: problem } = result.failure
    const reached = kind === 'too_large' || kind === 'redirect'
    return accept({ ...known, reached, status: null, problem })
  }
}
