import type { TestHouse } from './start-house.ts'

/** A customer with a plan of their own and a key. */
export interface Customer {
  readonly key: string
  readonly keyId: string
  readonly userId: string
  readonly organizationId: string
  readonly subscriptionId: string
  readonly planId: string
}

let customers = 0

/** Makes a plan, a user with an organization on it, and a key. */
export async function makeCustomer(house: TestHouse, plan: Record<string, unknown> = {}): Promise<Customer> {
  customers += 1
  const made = await house.create('plans', {
    name: `plan-${customers}`,
    rate_limit_per_minute: 1_000,
    requests_per_month: 100_000,
    ...plan,
  })
  const user = await house.create('users', { email: `user-${customers}@example.com`, plan_id: made.id })
  const key = await house.create('api_keys', { user_id: user.id, name: 'test' })
  const subscriptions = await house.api('GET', `/api/subscriptions?organization_id=${key.organization_id}`)
  return {
    key: key.key,
    keyId: key.id,
    userId: user.id,
    organizationId: key.organization_id,
    subscriptionId: subscriptions.body.data[0].id,
    planId: made.id,
  }
}

/** Makes an upstream and a route to it. */
export async function makeRoute(
  house: TestHouse,
  baseUrl: string,
  route: Record<string, unknown> = {},
  upstream: Record<string, unknown> = {},
): Promise<{ routeId: string; upstreamId: string }> {
  const madeUpstream = await house.create('upstreams', {
    name: `upstream-${Math.round(performance.now() * 1000)}`,
    base_url: baseUrl,
    ...upstream,
  })
  const madeRoute = await house.create('routes', {
    name: `route-${madeUpstream.id}`,
    path_pattern: '/*',
    upstream_id: madeUpstream.id,
    ...route,
  })
  return { routeId: madeRoute.id, upstreamId: madeUpstream.id }
}
