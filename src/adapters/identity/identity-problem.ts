import { AuthorizationResponseError, ResponseBodyError } from 'openid-client'
import { Fault, type Refusal, refuse } from '#contract/outcome.ts'
import type { Log } from '#ports/log.ts'

/** Errors of a token endpoint that mean that our own credentials are wrong. */
const ours = new Set([
  'invalid_client',
  'unauthorized_client',
  'incorrect_client_credentials',
  'redirect_uri_mismatch',
])

/** A Fault that stands anywhere below an error. */
function faultIn(error: unknown, depth = 0): Fault | undefined {
  if (error instanceof Fault) return error
  return depth < 5 && error instanceof Error ? faultIn(error.cause, depth + 1) : undefined
}

/**
 * What the failure of a sign-in at a provider is to us: a refusal for what came back wrong, a Fault for a provider that is down or does
 * not take our credentials. What was wrong exactly stands in the log: it helps nobody who attacks.
 */
export function identityProblem(error: unknown, log: Log): Refusal {
  const fault = faultIn(error)
  if (fault !== undefined) throw fault
  if (error instanceof AuthorizationResponseError) {
    const isNo = error.error === 'access_denied'
    if (!isNo) log.warn({ problem: error.error }, 'an identity provider refused a sign-in')
    return refuse(
      'sign_in_failed',
      isNo ? 'The sign-in was not allowed at the provider' : 'The provider refused the sign-in',
    )
  }
  if (error instanceof ResponseBodyError && ours.has(error.error))
    throw new Fault(
      'service_unavailable',
      `the identity provider does not take our credentials (${error.error})`,
    )
  if (!(error instanceof Error)) throw error
  const code = (error as { code?: unknown }).code
  log.warn({ problem: error.message, code }, 'the answer of an identity provider was refused')
  return refuse('sign_in_failed', 'The answer of the identity provider is not valid: start again')
}
