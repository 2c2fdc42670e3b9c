import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderHost } from '#ports/capability/provider.ts'
import { createCallService } from './service-call.ts'

/** One call of Paystack's API; `data` of its answer, a refusal where Paystack refuses, a throw where it fails. */
export type CallPaystack = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Outcome<unknown>>

/** Calls Paystack with the secret key of the account. */
export function createCallPaystack(host: ProviderHost): CallPaystack {
  const call = createCallService(host, { name: 'Paystack', key: host.config['secret_key'] })
  return async (method, path, body) => {
    const { status, values } = await call(method, path, body)
    if (status < 300 && values['status'] === true) return accept(values['data'])
    const message = String(values['message'] ?? status).slice(0, 300)
    if (status === 404 || /not found|invalid (?:customer|plan|subscription)/i.test(message))
      return refuse('not_found', 'Paystack knows nothing of it')
    const isDuplicate = /duplicate transaction reference/i.test(message)
    return refuse('conflict', `Paystack refuses: ${message}`, {
      reason: isDuplicate ? 'duplicate' : 'refused',
    })
  }
}
