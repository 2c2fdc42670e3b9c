/** An endpoint as the server shows it. */
export interface Endpoint {
  readonly id: string
  readonly url: string
  readonly description: string
  readonly events: readonly string[] | null
  readonly status: 'active' | 'paused' | 'disabled'
  readonly failing_since: string | null
  readonly last_error: string | null
  readonly previous_secret_until: string | null
  readonly created_at: string
}

/** The answer that holds a secret, which no later one does. */
export type WithSecret = Endpoint & { readonly secret: string }

export const endpointsPath = '/api/webhook_endpoints'
