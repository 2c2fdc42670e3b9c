import { onTestFinished } from 'vitest'
import { createPools, type Pools, unshared } from '#gateway/pools.ts'
import type { UpstreamExchange, UpstreamRequest } from '#gateway/upstream/types.ts'
import type { UpstreamEntry } from '#ports/snapshot.ts'
import { type FrozenClock, frozenClock } from './frozen-clock.ts'
import { type Called, call } from './upstream-call.ts'

/** Pools under a clock that stands still, and everything they told. */
export interface CaredFor {
  readonly pools: Pools
  readonly clock: FrozenClock
  readonly lines: string[]
  /** The last state told of each target, as `upstream/index`. */
  readonly shown: Map<string, boolean | null>
  /** Resolves when a target is shown so. */
  showing(target: string, isUp: boolean | null): Promise<void>
}

/** Opens pools until the test is over. */
export function openPools(): CaredFor {
  const clock = frozenClock()
  const lines: string[] = []
  const shown = new Map<string, boolean | null>()
  const waiting = new Set<() => void>()
  const write = (_fields: object, message: string): void => {
    lines.push(message)
  }
  const pools = createPools({
    clock,
    sharing: unshared,
    log: { debug: write, info: write, warn: write, error: write },
    metrics: {
      upstreamHealth(upstream, target, isUp) {
        shown.set(`${upstream}/${target}`, isUp)
        for (const look of waiting) look()
      },
    },
  })
  onTestFinished(() => pools.close())
  const showing = (target: string, isUp: boolean | null): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (shown.get(target) !== isUp) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { pools, clock, lines, shown, showing }
}

/** An upstream named `api` at these addresses, with nothing but what the test asks for switched on. */
export function upstreamAt(urls: readonly string[], settings: Partial<UpstreamEntry> = {}): UpstreamEntry {
  return {
    id: 'ups_1',
    name: 'api',
    targets: urls.map((url, index) => ({ index, url, weight: 1 })),
    timeoutMs: 20_000,
    maxIdleConns: 10,
    idleConnTimeoutMs: 60_000,
    maxConnections: 0,
    maxPending: 0,
    retries: 0,
    retriesOnTimeout: false,
    breaker: { failures: 0, openMs: 10_000 },
    breaksOnStatus: false,
    healthCheck: null,
    authHeader: null,
    ...settings,
  }
}

/** Sends a request as the gateway does: to the target whose turn it is, under its name and base path. */
export function ask(
  pools: Pools,
  upstream: UpstreamEntry,
  request: Partial<UpstreamRequest> = {},
  onStart?: (exchange: UpstreamExchange) => void,
): Promise<Called> {
  const { pool, basePath, host } = pools.door(upstream)
  const made = { headers: `Host: ${host}\r\n`, ...request, target: basePath + (request.target ?? '/x') }
  return call(pool, made, onStart === undefined ? {} : { onStart })
}
