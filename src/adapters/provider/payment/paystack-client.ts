import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderHost } from '#ports/capability/provider.ts'

const timeoutMs = 20_000
const mostResponseBytes = 5 * 1024 * 1024

/** What stands in an answer of Paystack. */
export type PaystackData = Readonly<Record<string, unknown>>

/** One call of Paystack's API; `data` of its answer, a refusal where Paystack refuses, a throw where it fails. */
export type CallPaystack = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Outcome<unknown>>

/** Calls Paystack with the secret key of the account. */
export function createCallPaystack({ config, http, allowsPrivate }: ProviderHost): CallPaystack {
  const base = String(config['base_url'])
  return async (method, path, body) => {
    const result = await http({
      method,
      url: new URL(path, base),
      headers: {
        authorization: `Bearer ${String(config['secret_key'])}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs,
      mostResponseBytes,
      allowsPrivate,
    })
    if (!result.ok) throw new Fault('service_unavailable', `Paystack ${result.failure.reason}`)
    const { status } = result.answer
    const answer = objectOf(result.answer.body)
    if (status < 300 && answer['status'] === true) return accept(answer['data'])
    if (status === 401 || status === 403 || status === 429 || status >= 500)
      throw new Fault('service_unavailable', `Paystack answered ${status}`)
    const message = String(answer['message'] ?? status).slice(0, 300)
    if (status === 404 || /not found|invalid (?:customer|plan|subscription)/i.test(message))
      return refuse('not_found', 'Paystack knows nothing of it')
    const isDuplicate = /duplicate transaction reference/i.test(message)
    return refuse('conflict', `Paystack refuses: ${message}`, {
      reason: isDuplicate ? 'duplicate' : 'refused',
    })
  }
}

function objectOf(body: Uint8Array): PaystackData {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    return typeof value === 'object' && value !== null ? (value as PaystackData) : {}
  } catch {
    throw new Fault('service_unavailable', 'Paystack answered with something that is no JSON')
  }
}
