import { createHash } from 'node:crypto'
import type { Outcome } from '#contract/outcome.ts'
import type { OpenProvider } from '#ports/capability/provider.ts'
import type { Log } from '#ports/log.ts'
import type { ResolvedProvider } from './resolve.ts'

/** An action of an open provider, whatever it is made of. */
export type RunAction = (input: Readonly<Record<string, unknown>>) => Promise<Outcome<unknown>>

/** An open provider whose actions are known by name only. */
export type OpenInstance = OpenProvider<Readonly<Record<string, RunAction | undefined>>>

/** Open providers: each opened once for a configuration, and closed after its last call when the configuration has changed. */
export interface ProviderInstances {
  use<T>(resolved: ResolvedProvider, work: (open: OpenInstance) => Promise<T>): Promise<T>
  /** Waits for running calls and closes everything; what takes longer than ten seconds is left behind. */
  close(): Promise<void>
}

const closeTimeoutMs = 10_000

interface Held {
  readonly fingerprint: string
  readonly opening: Promise<OpenInstance>
  /** Resolves when the last call of a retired one has ended. */
  readonly idle: PromiseWithResolvers<void>
  running: number
  isRetired: boolean
}

function fingerprintOf({ configuration, allowsPrivate }: ResolvedProvider): string {
  const text = JSON.stringify([Object.entries(configuration.values).sort(), allowsPrivate])
  // Kept for as long as the process lives: not the place for secrets in the clear.
  return createHash('sha256').update(text).digest('base64')
}

/** Keeps providers open for as long as their configuration stays the same. */
export function createProviderInstances(deps: {
  readonly open: (resolved: ResolvedProvider) => OpenInstance | Promise<OpenInstance>
  readonly log: Log
}): ProviderInstances {
  const held = new Map<string, Held>()
  const closing = new Set<Promise<void>>()

  const shut = async (one: Held): Promise<void> => {
    const open = await one.opening.catch(() => undefined)
    try {
      await open?.close?.()
    } catch (error) {
      deps.log.warn({ error }, 'a provider did not close')
    }
  }
  const closeWhenIdle = (one: Held): void => {
    if (one.isRetired && one.running === 0) one.idle.resolve()
  }
  /** No caller waits for a provider to close: one that hangs must not hold up the calls of its successor. */
  const retire = (key: string, one: Held): void => {
    if (held.get(key) === one) held.delete(key)
    if (one.isRetired) return
    one.isRetired = true
    const done = one.idle.promise.then(() => shut(one)).finally(() => closing.delete(done))
    closing.add(done)
    closeWhenIdle(one)
  }
  const take = (key: string, resolved: ResolvedProvider): Held => {
    const fingerprint = fingerprintOf(resolved)
    const known = held.get(key)
    if (known?.fingerprint === fingerprint) return known
    if (known !== undefined) retire(key, known)
    const opening = Promise.resolve().then(() => deps.open(resolved))
    const idle = Promise.withResolvers<void>()
    const fresh: Held = { fingerprint, opening, idle, running: 0, isRetired: false }
    held.set(key, fresh)
    return fresh
  }

  return {
    async use(resolved, work) {
      const key = `${resolved.provider.name}/${resolved.instance}`
      const one = take(key, resolved)
      one.running += 1
      try {
        const open = await one.opening.catch((error: unknown) => {
          retire(key, one)
          throw error
        })
        return await work(open)
      } finally {
        one.running -= 1
        closeWhenIdle(one)
      }
    },
    async close() {
      for (const [key, one] of held) retire(key, one)
      await within(closeTimeoutMs, Promise.all(closing))
    },
  }
}

function within(timeoutMs: number, work: Promise<unknown>): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutMs)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
