import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderHost } from '#ports/capability/provider.ts'
import { createCallService, type Values, valuesIn } from './service-call.ts'

/** An object of Lemon Squeezy, as JSON:API writes it. */
export interface LemonObject {
  readonly id: string
  readonly attributes: Values
}

/** One call of Lemon Squeezy's API: `data` of its answer, a refusal where it refuses, a throw where it fails. */
export type CallLemon = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  data?: object,
) => Promise<Outcome<unknown>>

/** Calls Lemon Squeezy with the key of the account. */
export function createCallLemon(host: ProviderHost): CallLemon {
  const name = 'Lemon Squeezy'
  const call = createCallService(host, {
    name,
    key: host.config['api_key'],
    mediaType: 'application/vnd.api+json',
  })
  return async (method, path, data) => {
    const { status, values } = await call(method, path, data === undefined ? undefined : { data })
    if (status < 300) return accept(values['data'])
    if (status === 404) return refuse('not_found', `${name} knows nothing of it`)
    const [problem] = Array.isArray(values['errors']) ? values['errors'] : []
    const message = String(valuesIn(problem)['detail'] ?? status).slice(0, 300)
    return refuse('conflict', `${name} refuses: ${message}`, { reason: 'refused' })
  }
}

/** One object of an answer; throws where it is none. */
export function lemonObject(value: unknown): LemonObject {
  const { id, attributes } = valuesIn(value)
  if (typeof id !== 'string' || typeof attributes !== 'object' || attributes === null)
    throw new Fault('service_unavailable', 'Lemon Squeezy answered with something that is no object')
  return { id, attributes: valuesIn(attributes) }
}

/** The objects of a list. */
export function lemonObjects(value: unknown): readonly LemonObject[] {
  if (!Array.isArray(value)) throw new Fault('service_unavailable', 'Lemon Squeezy answered with no list')
  return value.map(lemonObject)
}

/** The address of something; what Lemon Squeezy numbers is numbers. */
export const lemonPath = (kind: string, id: string): string => `/v1/${kind}/${encodeURIComponent(id)}`
