import type { Outcome } from '#contract/outcome.ts'
import { accept, Fault, refuse } from '#contract/outcome.ts'
import type { Clock } from '#ports/clock.ts'
import type { ProviderInstances } from './instances.ts'
import { notReady, type ResolvedProvider } from './resolve.ts'

/** How a provider is, in a word of the health answer. */
export type ProviderState = 'connected' | 'unavailable' | 'not_configured' | 'disabled'

/** The result of a test; `error` says why it is not connected. */
export interface ProviderCheck {
  readonly status: ProviderState
  readonly error: string | undefined
  /** False where the provider has no test, and counts as connected for want of a better word. */
  readonly isTested: boolean
  /** When it was tested, milliseconds UTC. */
  readonly at: number
}

/** Tests providers; what was found is kept for a while, and a test that runs is not started a second time. */
export interface ProviderHealth {
  /** `mostAgeMs` 0 tests at once. */
  check(resolved: ResolvedProvider, mostAgeMs: number): Promise<ProviderCheck>
}

const mostKept = 1_000

/** Makes the tests of providers; one that takes longer than the timeout counts as unavailable. */
export function createProviderHealth(deps: {
  readonly instances: ProviderInstances
  readonly clock: Clock
  readonly timeoutMs?: number
}): ProviderHealth {
  const timeoutMs = deps.timeoutMs ?? 5_000
  const known = new Map<string, ProviderCheck>()
  const running = new Map<string, Promise<ProviderCheck>>()

  const testOnce = async (resolved: ResolvedProvider): Promise<ProviderCheck> => {
    const at = deps.clock.now()
    const refusal = notReady(resolved)
    if (refusal !== undefined) {
      const status = refusal.details?.['reason'] === 'disabled' ? 'disabled' : 'not_configured'
      return { status, error: refusal.message, isTested: false, at }
    }
    let isTested = false
    const outcome = await within(timeoutMs, () =>
      deps.instances.use(resolved, async (open) => {
        isTested = open.test !== undefined
        return (await open.test?.()) ?? accept(undefined)
      }),
    )
    return outcome.ok
      ? { status: 'connected', error: undefined, isTested, at }
      : { status: 'unavailable', error: outcome.message, isTested, at }
  }
  return {
    check(resolved, mostAgeMs) {
      const { configuration, provider, instance } = resolved
      const key = `${provider.name}/${instance}/${configuration.isEnabled}/${configuration.problems.length}`
      const last = known.get(key)
      if (last !== undefined && deps.clock.now() - last.at < mostAgeMs) return Promise.resolve(last)
      const already = running.get(key)
      if (already !== undefined) return already
      const test = testOnce(resolved)
        .then((result) => {
          if (known.size >= mostKept) known.clear()
          known.set(key, result)
          return result
        })
        .finally(() => running.delete(key))
      running.set(key, test)
      return test
    },
  }
}

async function within(
  timeoutMs: number,
  work: () => Promise<Outcome<undefined>>,
): Promise<Outcome<undefined>> {
  const { promise, resolve } = Promise.withResolvers<Outcome<undefined>>()
  const late = refuse('service_unavailable', `did not answer within ${timeoutMs} ms`)
  const timer = setTimeout(() => resolve(late), timeoutMs)
  // Our own words hold no secrets; those of others may.
  const outcome = work().catch((error: unknown) =>
    refuse('service_unavailable', error instanceof Fault ? error.message : 'the test failed'),
  )
  return Promise.race([outcome, promise]).finally(() => clearTimeout(timer))
}
