import { Agent } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from '#test/support/bombard.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startWorkers, type WorkerHouse } from './worker-house.ts'

let upstream: Upstream
let house: WorkerHouse
beforeAll(async () => {
  upstream = await startUpstream()
  house = await startWorkers(4)
  await makeRoute(house, upstream.url)
})
afterAll(async () => {
  await house.close()
  await upstream.close()
})

const connections = 40
const statuses = async (url: string, key: string, agents: readonly (Agent | false)[]) =>
  new Set(
    (await Promise.all(agents.map((agent) => ask(url, key, { agent })))).map((answer) => answer?.status),
  )

it('a revoked key is refused by the very next request on every worker, on old connections and on new ones', async () => {
  const { key, keyId } = await makeCustomer(house, { rate_limit_per_minute: -1 })
  const agents = Array.from({ length: connections }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  expect(await statuses(`${house.url}/x`, key, agents)).toEqual(new Set([200]))
  expect(house.servedBy().size).toBeGreaterThan(1)
  expect((await house.api('POST', `/api/api_keys/${keyId}/revoke`)).status).toBe(200)
  const fresh = Array.from({ length: connections }, () => false as const)
  expect(await statuses(`${house.url}/x`, key, [...agents, ...fresh])).toEqual(new Set([401]))
  for (const agent of agents) agent.destroy()
  expect(house.told).toEqual([])
})

it('a new route, another upstream secret and a switched-off route are seen by the very next request on every worker', async () => {
  const { key } = await makeCustomer(house, { rate_limit_per_minute: -1 })
  const fresh = Array.from({ length: connections }, () => false as const)
  const { routeId, upstreamId } = await makeRoute(
    house,
    upstream.url,
    { path_pattern: '/secret', match_type: 'exact' },
    { auth_type: 'bearer', auth_value_encrypted: 'first' },
  )
  upstream.seen.length = 0
  expect(await statuses(`${house.url}/secret`, key, fresh)).toEqual(new Set([200]))
  expect(new Set(upstream.seen.map(({ headers }) => headers.authorization))).toEqual(
    new Set(['Bearer first']),
  )
  const changed = await house.api('PATCH', `/api/upstreams/${upstreamId}`, { auth_value_encrypted: 'second' })
  expect(changed.status).toBe(200)
  upstream.seen.length = 0
  expect(await statuses(`${house.url}/secret`, key, fresh)).toEqual(new Set([200]))
  expect(new Set(upstream.seen.map(({ headers }) => headers.authorization))).toEqual(
    new Set(['Bearer second']),
  )
  await house.api('PATCH', `/api/upstreams/${upstreamId}`, { enabled: false })
  expect(await statuses(`${house.url}/secret`, key, fresh)).toEqual(new Set([503]))
  await house.api('DELETE', `/api/routes/${routeId}`)
  expect(await statuses(`${house.url}/secret`, key, fresh)).toEqual(new Set([200]))
})

it('writes do not wait for a worker that is gone', async () => {
  house.break(2, 'throw')
  await expect
    .poll(() => house.told.map(({ message }) => message))
    .toContain('a gateway worker ended and is replaced')
  const { key, keyId } = await makeCustomer(house)
  await house.api('POST', `/api/api_keys/${keyId}/revoke`)
  await house.ready()
  const fresh = Array.from({ length: connections }, () => false as const)
  expect(await statuses(`${house.url}/x`, key, fresh), 'the replacement knows it too').toEqual(new Set([401]))
  expect(house.told).toHaveLength(1)
})
