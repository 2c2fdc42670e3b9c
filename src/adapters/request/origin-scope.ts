import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestOrigin } from '#contract/audit.ts'

/** Carries where a request comes from to everything that is done for it, so that no handler can forget to hand it on. */
export interface OriginScope {
  run<T>(origin: RequestOrigin, work: () => T): T
  /** The origin of the request that is being answered; undefined outside of one. */
  current(): RequestOrigin | undefined
}

/** Makes a scope; one for each instance. */
export function createOriginScope(): OriginScope {
  const storage = new AsyncLocalStorage<RequestOrigin>()
  return { run: (origin, work) => storage.run(origin, work), current: () => storage.getStore() }
}
