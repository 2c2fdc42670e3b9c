import type { Clock } from '#ports/clock.ts'

/** One part that the product needs: resolves when it works, rejects when it does not. */
export type HealthCheck = () => Promise<unknown>

/** What `/health` answers. `uptime` is in seconds, memory in bytes. */
export interface HealthReport {
  readonly status: 'healthy' | 'unhealthy'
  readonly timestamp: string
  readonly services: Readonly<Record<string, 'up' | 'down'>>
  readonly uptime: number
  readonly memory: { readonly rss: number; readonly heap_used: number; readonly heap_total: number }
  readonly version: string
}

/** Whether the process lives, and whether it can serve. */
export interface Health {
  live(): HealthReport
  ready(): Promise<HealthReport>
}

/**
 * Asks every check at once and counts one that takes longer than the timeout as down; a check that still runs is not started again,
 * so that asking often costs nothing.
 */
export function createHealth(deps: {
  readonly checks: Readonly<Record<string, HealthCheck>>
  readonly isDraining: () => boolean
  readonly clock: Clock
  readonly startedAt: number
  readonly version: string
  readonly timeoutMs?: number
}): Health {
  const timeoutMs = deps.timeoutMs ?? 1_000
  const running = new Map<string, Promise<boolean>>()

  const run = (name: string, check: HealthCheck): Promise<boolean> => {
    const known = running.get(name)
    if (known !== undefined) return known
    const result = Promise.resolve()
      .then(check)
      .then(
        () => true,
        () => false,
      )
      .finally(() => running.delete(name))
    running.set(name, result)
    return result
  }
  const report = (isHealthy: boolean, services: HealthReport['services']): HealthReport => {
    const now = deps.clock.now()
    const { rss, heapUsed, heapTotal } = process.memoryUsage()
    return {
      status: isHealthy ? 'healthy' : 'unhealthy',
      timestamp: new Date(now).toISOString(),
      services,
      uptime: Math.max(0, Math.floor((now - deps.startedAt) / 1000)),
      memory: { rss, heap_used: heapUsed, heap_total: heapTotal },
      version: deps.version,
    }
  }

  return {
    live: () => report(true, {}),
    async ready() {
      const results = await Promise.all(
        Object.entries(deps.checks).map(async ([name, check]) => {
          const isUp = await within(run(name, check), timeoutMs)
          return [name, isUp ? 'up' : 'down'] as const
        }),
      )
      const isHealthy = !deps.isDraining() && results.every(([, state]) => state === 'up')
      return report(isHealthy, Object.fromEntries(results))
    },
  }
}

function within(result: Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), timeoutMs)
  return Promise.race([result, promise]).finally(() => clearTimeout(timer))
}
