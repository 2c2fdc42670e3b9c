import Stripe from 'stripe'
import { Fault, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { ProviderHost } from '#ports/capability/provider.ts'
import { notReached, notServed, serviceLimits } from './service-call.ts'

/** Stripe's own library, whose requests leave by our way out: bounded, and not to private addresses. */
export function openStripe({ config, http, allowsPrivate }: ProviderHost): Stripe {
  const { protocol, hostname, port } = new URL(String(config['base_url']))
  const fetchOurWay = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input))
    const result = await http({
      method: init.method ?? 'GET',
      url,
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(typeof init.body === 'string' && init.body !== '' ? { body: init.body } : {}),
      ...serviceLimits,
      allowsPrivate,
      ...(init.signal ? { signal: init.signal } : {}),
    })
    if (!result.ok) throw notReached('Stripe', url, result.failure)
    const { status, headers, body } = result.answer
    return new Response(status === 204 ? null : Buffer.from(body), { status, headers: { ...headers } })
  }
  return new Stripe(String(config['api_key']), {
    httpClient: Stripe.createFetchHttpClient(fetchOurWay as typeof fetch),
    host: hostname,
    ...(port === '' ? {} : { port }),
    protocol: protocol === 'http:' ? 'http' : 'https',
    maxNetworkRetries: 2,
    timeout: serviceLimits.timeoutMs,
    telemetry: false,
  })
}

/** Does something at Stripe: what Stripe refuses is a refusal, what fails is thrown and counts as Stripe being down. */
export async function atStripe<T>(work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work()
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === undefined) throw failureOf(error)
    return refusal
  }
}

/** Why Stripe is down: its library hides the reason, or has words for it that repeat a part of the key. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error
  for (let inner: unknown = error.detail; inner instanceof Error; inner = inner.cause)
    if (inner instanceof Fault) return inner
  return error.statusCode === undefined ? error : notServed('Stripe', error.statusCode)
}

function refusalOf(error: unknown): Refusal | undefined {
  const { errors } = Stripe
  if (error instanceof errors.StripeIdempotencyError)
    return refuse('idempotency_mismatch', 'This idempotency_key was used for something else')
  if (error instanceof errors.StripeCardError)
    return refuse('payment_required', 'The card was declined', { reason: error.code ?? 'card_declined' })
  if (error instanceof errors.StripeInvalidRequestError)
    return error.code === 'resource_missing'
      ? refuse('not_found', 'Stripe knows nothing of it')
      : refuse('conflict', `Stripe refuses: ${error.message}`.slice(0, 500), {
          reason: error.code ?? 'invalid',
        })
  return undefined
}

/** What makes a call with a key be done once. */
export const keyed = (key: string | undefined | null) => (key ? { idempotencyKey: key } : {})

/** The id of something that Stripe names by its id or shows whole. */
export const idOf = (one: string | { readonly id: string } | null | undefined): string | undefined =>
  typeof one === 'string' ? one : one?.id
