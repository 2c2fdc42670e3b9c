/**
 * Every error the product can answer with, one row each: the HTTP status and a title for the reference.
 * The key is the `type` of the error body; its upper-case form is the `code`.
 */
export const errors = {
  account_suspended: { status: 403, title: 'The organization or user behind the key is not active' },
  conflict: { status: 409, title: 'The record collides with another, or is still in use' },
  forbidden: { status: 403, title: 'This kind of credential may not do this' },
  headers_too_large: { status: 431, title: 'The request head is larger than the limit' },
  idempotency_conflict: { status: 409, title: 'A request with this Idempotency-Key is still running' },
  idempotency_mismatch: { status: 422, title: 'This Idempotency-Key was used with another request' },
  illegal_transition: { status: 409, title: 'The record cannot go from its state to the asked one' },
  insufficient_scope: { status: 403, title: 'The key lacks the scope that this call needs' },
  internal_error: { status: 500, title: 'Something failed on our side' },
  invalid_api_key: { status: 401, title: 'No such API key' },
  invalid_credentials: { status: 401, title: 'E-mail or password do not match' },
  invalid_request: { status: 400, title: 'The request is malformed' },
  invalid_signature: { status: 401, title: 'The signature does not match' },
  invalid_token: { status: 401, title: 'The token is unknown, expired or revoked' },
  key_expired: { status: 401, title: 'The API key has expired' },
  key_revoked: { status: 401, title: 'The API key was revoked' },
  method_not_allowed: { status: 405, title: 'The address exists, but not for this method' },
  missing_api_key: { status: 401, title: 'The route needs an API key and none was sent' },
  not_found: { status: 404, title: 'No such record' },
  payload_too_large: { status: 413, title: 'The body is larger than the limit' },
  payment_required: { status: 402, title: 'Prepaid credit or a payment is missing' },
  permission_denied: { status: 403, title: 'The role does not allow this' },
  precondition_failed: { status: 412, title: 'The record changed since it was read (If-Match)' },
  quota_exceeded: { status: 402, title: 'The monthly quota of the plan is used up' },
  rate_limit_exceeded: { status: 429, title: 'Too many requests in a short time' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  route_not_found: { status: 404, title: 'No route matches this request' },
  service_unavailable: { status: 503, title: 'A part that this request needs is not available' },
  spend_cap_exceeded: {
    status: 402,
    title: 'The key, its organization on this route, or the organization has spent what it may this month',
  },
  sign_in_failed: { status: 401, title: 'The sign-in at the identity provider failed' },
  subscription_required: { status: 403, title: 'The organization has no subscription to this API' },
  transform_error: { status: 500, title: 'A transformation of the route failed' },
  two_factor_required: { status: 401, title: 'The account asks for a code of its second factor' },
  unauthorized: { status: 401, title: 'Credentials are missing' },
  upstream_error: { status: 502, title: 'The upstream could not be reached or broke off' },
  upstream_timeout: { status: 504, title: 'The upstream did not answer in time' },
  upgrade_required: { status: 426, title: 'The address speaks another protocol than the request' },
  validation_error: { status: 400, title: 'A field is missing, unknown or wrong' },
} as const satisfies Record<string, { status: number; title: string }>

/** The snake_case name of an error, the `type` in an error body. */
export type ErrorCode = keyof typeof errors
