import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Job, JobQueue } from '#ports/capability/job-queue.ts'
import type { ProviderWatch, WatchedProvider } from '#ports/capability/provider-watch.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Leases } from '#ports/leases.ts'
import type { Log } from '#ports/log.ts'
import type { TellOperators } from './tell-operators.ts'

/** How a provider that failed is now: `unknown` where it has no test, `gone` where nobody uses it any more. */
export type ProbeProvider = (
  one: WatchedProvider,
) => Promise<'connected' | 'unavailable' | 'unknown' | 'gone'>

const outageJob = 'providers.outage'
/** With back-off up to an hour that is about four days. */
const attempts = 100
const hourMs = 3_600_000
const notedForMs = 60_000
const forEver = Date.UTC(9999, 0, 1)

/** What tells operators is not watched: nobody could be told of it, and what the queue runs on cannot queue its own outage. */
const unwatched = new Set(['notification', 'queue'])

const keyOf = ({ capability, provider }: WatchedProvider): string => `${capability}/${provider}`

/**
 * Tells operators of providers that fail (`provider.error`), once an hour at most over all processes, and when they work again
 * (`provider.recovered`), also where nobody calls them meanwhile: an outage is a job that is tried until it is over.
 */
export function createWatchOutages(deps: {
  readonly queue: Pick<JobQueue, 'enqueue' | 'register'>
  readonly leases: Leases
  readonly tell: TellOperators
  readonly probe: ProbeProvider
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}): ProviderWatch {
  const { queue, leases, tell, clock, ids, log } = deps
  /** When calls of a provider failed last, as this process has seen it, and which of them was put on the queue. */
  const failing = new Map<string, number>()
  const worked = new Map<string, number>()

  async function tellFailed(one: WatchedProvider, reason: string): Promise<void> {
    const [key, holder, now] = [keyOf(one), ids.next('prb'), clock.now()]
    if (!(await leases.take(`provider.error ${key}`, holder, now, now + hourMs))) return
    const isTold = await tell({
      event: 'provider.error',
      severity: 'error',
      title: `The ${one.capability} provider ${one.provider} does not work`,
      text: reason,
      data: { ...one },
      key: `provider.error ${key} ${now}`,
    })
    if (isTold) await leases.take(`provider.down ${key}`, 'told', now, forEver)
    else await leases.release(`provider.error ${key}`, holder)
  }

  /** Nothing where nobody was told that it failed. */
  async function tellRecovered(one: WatchedProvider): Promise<void> {
    const [key, holder, now] = [keyOf(one), ids.next('prb'), clock.now()]
    const down = `provider.down ${key}`
    if (await leases.take(down, holder, now, now + 1)) return leases.release(down, holder)
    if (!(await leases.take(`provider.recovered ${key}`, holder, now, now + notedForMs))) return
    await leases.release(down, 'told')
    await tell({
      event: 'provider.recovered',
      severity: 'info',
      title: `The ${one.capability} provider ${one.provider} works again`,
      text: '',
      data: { ...one },
      key: `provider.recovered ${key} ${now}`,
    })
  }

  /** True where it works, as far as anybody can know. */
  async function isOver(one: WatchedProvider, since: number): Promise<boolean | 'gone'> {
    const found = await deps.probe(one)
    if (found === 'gone') return 'gone'
    return found === 'connected' || (found === 'unknown' && (worked.get(keyOf(one)) ?? 0) > since)
  }

  queue.register(outageJob, async ({ payload, attempt, attempts: most }: Job): Promise<Outcome<unknown>> => {
    const { reason, since } = payload
    const one = { capability: String(payload['capability']), provider: String(payload['provider']) }
    // The first attempt comes with the failure itself, which is news also where it was over at once.
    const state = attempt === 1 ? false : await isOver(one, Number(since))
    if (state === 'gone') return accept(await leases.release(`provider.down ${keyOf(one)}`, 'told'))
    if (state) return accept(await tellRecovered(one))
    await tellFailed(one, String(reason))
    return attempt < most ? refuse('service_unavailable', String(reason)) : accept(undefined)
  })

  return {
    async failed(one, reason) {
      const [key, now] = [keyOf(one), clock.now()]
      if (unwatched.has(one.capability)) return
      const isNoted = now - (failing.get(key) ?? Number.NEGATIVE_INFINITY) < notedForMs
      if (isNoted) return
      failing.set(key, now)
      const payload = { ...one, reason: reason.slice(0, 500), since: now }
      const queued = await queue.enqueue({ name: outageJob, payload, dedupeKey: key, attempts })
      if (!queued.ok) log.warn({ ...one, reason: queued.message }, 'an outage could not be queued')
    },
    async worked(one) {
      const key = keyOf(one)
      if (!failing.delete(key)) return
      worked.set(key, clock.now())
      await tellRecovered(one)
    },
  }
}
