import { Fault } from '#contract/outcome.ts'
import type { ProviderHost } from '#ports/capability/provider.ts'
import type { OutboundFailure } from '#ports/outbound-http.ts'

/** An object of JSON whose fields nobody has looked at yet. */
export type Values = Readonly<Record<string, unknown>>

/** How long a payment service has for an answer, and how much it may say. */
export const serviceLimits = { timeoutMs: 20_000, mostResponseBytes: 5 * 1024 * 1024 } as const

/** One call of a payment service's API over HTTP with the key of the account. */
export type CallService = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
) => Promise<{ readonly status: number; readonly values: Values }>

const meanings: Readonly<Record<number, string>> = {
  401: ': it does not know the key',
  403: ': the key may not do this',
  429: ': it was asked too often',
}

/** That a service could not be reached, in words that hold its host and no secret. */
export const notReached = (service: string, { host }: URL, { reason }: Pick<OutboundFailure, 'reason'>) =>
  new Fault('service_unavailable', `${service} (${host}) ${reason}`)

/** That a service is there and does not serve us. */
export const notServed = (service: string, status: number) =>
  new Fault('service_unavailable', `${service} answered ${status}${meanings[status] ?? ''}`)

/** Makes calls that throw where the service is down or does not take the key, and leave to the caller what it refuses. */
export function createCallService(
  { config, http, allowsPrivate }: ProviderHost,
  service: { readonly name: string; readonly key: unknown; readonly mediaType?: string },
): CallService {
  const base = new URL(String(config['base_url']))
  const type = service.mediaType ?? 'application/json'
  const headers = {
    authorization: `Bearer ${String(service.key)}`,
    accept: type,
    'content-type': type,
  }
  return async (method, path, body) => {
    const url = new URL(path, base)
    // A list may name its next page by a whole address; the key goes nowhere else.
    if (url.origin !== base.origin)
      throw new Fault('service_unavailable', `${service.name} pointed to another host`)
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const result = await http({ method, url, headers, ...json, ...serviceLimits, allowsPrivate })
    if (!result.ok) throw notReached(service.name, url, result.failure)
    const { status } = result.answer
    if (status in meanings || status >= 500) throw notServed(service.name, status)
    const values = readValues(Buffer.from(result.answer.body).toString())
    if (values === undefined)
      throw new Fault('service_unavailable', `${service.name} answered with something that is no JSON object`)
    return { status, values }
  }
}

/** The object that a text holds; undefined where it holds none. */
export function readValues(text: string): Values | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Values) : undefined
  } catch {
    return undefined
  }
}

/** What stands in an object that may not be there. */
export const valuesIn = (value: unknown): Values =>
  typeof value === 'object' && value !== null ? (value as Values) : {}

/** A text of the configuration, empty where there is none. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')
