import { Resolver } from 'node:dns/promises'
import { Fault } from '#contract/outcome.ts'
import type { ReadTxt } from '#ports/read-txt.ts'

const nothing = new Set(['ENOTFOUND', 'ENODATA'])

/** Asks the DNS; `servers` are the system's own unless given. */
export function createReadTxt(options: { readonly servers?: readonly string[] } = {}): ReadTxt {
  return async (name) => {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 })
    if (options.servers !== undefined) resolver.setServers(options.servers)
    try {
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
    } catch (error) {
      if (nothing.has(String((error as { code?: unknown }).code))) return []
      throw new Fault('service_unavailable', 'the DNS did not answer', { cause: error })
    }
  }
}
