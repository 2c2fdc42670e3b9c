import type * as Sdk from '@paddle/paddle-node-sdk'
import { type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { ProviderHost } from '#ports/capability/provider.ts'
import { createCallService } from './service-call.ts'

type Transport = ConstructorParameters<typeof Sdk.TransactionsResource>[0]

/** The parts of Paddle's own library that payments go through. */
export interface PaddleApi {
  readonly transactions: Sdk.TransactionsResource
  readonly adjustments: Sdk.AdjustmentsResource
  readonly customers: Sdk.CustomersResource
  readonly portals: Sdk.CustomerPortalSessionsResource
  readonly products: Sdk.ProductsResource
  readonly prices: Sdk.PricesResource
  readonly subscriptions: Sdk.SubscriptionsResource
  /** Does something at Paddle: what Paddle refuses is a refusal, what fails is thrown and counts as Paddle being down. */
  do<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>>
}

/**
 * Paddle's library on our way out: its own transport has no timeout and no bound, so its resources are given another one. It is loaded
 * here, because only those who use Paddle should wait for its thousand files.
 */
export async function openPaddle(host: ProviderHost): Promise<PaddleApi> {
  const sdk = await import('@paddle/paddle-node-sdk')
  const transport = createTransport(host)
  return {
    transactions: new sdk.TransactionsResource(transport),
    adjustments: new sdk.AdjustmentsResource(transport),
    customers: new sdk.CustomersResource(transport),
    portals: new sdk.CustomerPortalSessionsResource(transport),
    products: new sdk.ProductsResource(transport),
    prices: new sdk.PricesResource(transport),
    subscriptions: new sdk.SubscriptionsResource(transport),
    async do(work) {
      try {
        return await work()
      } catch (error) {
        if (error instanceof sdk.ApiError) return refusalOf(error)
        throw error
      }
    },
  }
}

function refusalOf({ code, detail, errors }: Sdk.ApiError): Refusal {
  if (code === 'not_found' || code === 'entity_not_found')
    return refuse('not_found', 'Paddle knows nothing of it')
  const fields = (errors ?? []).map(({ field, message }) => `${field}: ${message}`).join('; ')
  return refuse('conflict', `Paddle refuses: ${detail} ${fields}`.trim().slice(0, 500), { reason: code })
}

function createTransport(host: ProviderHost): Transport {
  const send = createCallService(host, { name: 'Paddle', key: host.config['api_key'] })
  const call = async (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) =>
    (await send(method, path, body === undefined ? undefined : (snakeCased(body) as object))).values
  const own = {
    get: (path: string, query?: { toQueryString(): string }) =>
      call('GET', query === undefined || path.includes('?') ? path : path + query.toQueryString()),
    post: (path: string, body: unknown) => call('POST', path, body),
    patch: (path: string, body: unknown) => call('PATCH', path, body),
  }
  // The library's class has private fields, which no other class can have; these are all the calls that its resources make.
  return own as unknown as Transport
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Names as Paddle writes them; what stands in custom data is left as it is. */
function snakeCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCased)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      name === 'customData' ? ['custom_data', inner] : [snake(name), snakeCased(inner)],
    ),
  )
}
