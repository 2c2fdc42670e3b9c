import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderHost } from '#ports/capability/provider.ts'

const timeoutMs = 20_000
const mostResponseBytes = 5 * 1024 * 1024
const mediaType = 'application/vnd.api+json'

/** What stands in an object of Lemon Squeezy. */
export type LemonValues = Readonly<Record<string, unknown>>

/** An object of Lemon Squeezy, as JSON:API writes it. */
export interface LemonObject {
  readonly id: string
  readonly attributes: LemonValues
}

/** One call of Lemon Squeezy's API: `data` of its answer, a refusal where it refuses, a throw where it fails. */
export type CallLemon = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  data?: object,
) => Promise<Outcome<unknown>>

/** Calls Lemon Squeezy with the key of the account. */
export function createCallLemon({ config, http, allowsPrivate }: ProviderHost): CallLemon {
  const base = String(config['base_url'])
  return async (method, path, data) => {
    const result = await http({
      method,
      url: new URL(path, base),
      headers: {
        authorization: `Bearer ${String(config['api_key'])}`,
        accept: mediaType,
        'content-type': mediaType,
      },
      ...(data === undefined ? {} : { body: JSON.stringify({ data }) }),
      timeoutMs,
      mostResponseBytes,
      allowsPrivate,
    })
    if (!result.ok) throw new Fault('service_unavailable', `Lemon Squeezy ${result.failure.reason}`)
    const { status } = result.answer
    if (status === 401 || status === 403 || status === 429 || status >= 500)
      throw new Fault('service_unavailable', `Lemon Squeezy answered ${status}`)
    if (status === 404) return refuse('not_found', 'Lemon Squeezy knows nothing of it')
    const answer = objectIn(result.answer.body)
    if (status < 300) return accept(answer['data'])
    const [problem] = (Array.isArray(answer['errors']) ? answer['errors'] : []) as LemonValues[]
    const message = String(problem?.['detail'] ?? status).slice(0, 300)
    return refuse('conflict', `Lemon Squeezy refuses: ${message}`, { reason: 'refused' })
  }
}

/** One object of an answer; throws where it is none. */
export function lemonObject(value: unknown): LemonObject {
  const { id, attributes } = (value ?? {}) as LemonValues
  if (typeof id !== 'string' || typeof attributes !== 'object' || attributes === null)
    throw new Fault('service_unavailable', 'Lemon Squeezy answered with something that is no object')
  return { id, attributes: attributes as LemonValues }
}

/** The objects of a list. */
export function lemonObjects(value: unknown): readonly LemonObject[] {
  if (!Array.isArray(value)) throw new Fault('service_unavailable', 'Lemon Squeezy answered with no list')
  return value.map(lemonObject)
}

/** The address of something; what Lemon Squeezy numbers is numbers. */
export const lemonPath = (kind: string, id: string): string => `/v1/${kind}/${encodeURIComponent(id)}`

function objectIn(body: Uint8Array): LemonValues {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    if (typeof value === 'object' && value !== null) return value as LemonValues
  } catch {}
  throw new Fault('service_unavailable', 'Lemon Squeezy answered with something that is no JSON object')
}
