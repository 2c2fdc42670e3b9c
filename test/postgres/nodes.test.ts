import { afterAll, beforeAll, expect, it } from 'vitest'
import { adminClient, emptySchema } from '#test/support/postgres/schema.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

/** No node asks by itself within a test: what it knows, it was told. */
const askEveryMs = 3_600_000

const nodes: TestHouse[] = []
let schema: Awaited<ReturnType<typeof emptySchema>>
let upstream: Upstream
let token = ''

/** One node with a data directory and connections of its own. */
function startNode(): Promise<TestHouse> {
  const secret = (name: string) => `${name} that all nodes share`
  return startHouse({
    askEveryMs,
    env: {
      APIGATE_DATABASE_DSN: schema.url,
      APIGATE_ENCRYPTION_KEY: secret('encryption key'),
      APIGATE_JWT_SECRET: secret('jwt secret'),
      APIGATE_KEY_PEPPER: secret('key pepper'),
    },
  })
}

async function api(node: TestHouse, method: string, path: string, body?: unknown) {
  const response = await fetch(`${node.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as { data: Record<string, string> }
  expect(response.ok, JSON.stringify(answer)).toBe(true)
  return answer.data
}

const schemaName = (): string => /search_path=(\w+)/.exec(decodeURIComponent(schema.url))?.[1] ?? ''

const ask = (node: TestHouse, key: string) =>
  fetch(`${node.url}/x`, { headers: { 'x-api-key': key } }).then(({ status }) => status)

beforeAll(async () => {
  upstream = await startUpstream()
  schema = await emptySchema()
  nodes.push(...(await Promise.all([startNode(), startNode(), startNode()])))
  // Empty where another node has made the first operator.
  token = nodes.find((node) => node.token !== '')?.token ?? ''
})

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()))
  await schema.remove()
  await upstream.close()
})

const pair = (): [TestHouse, TestHouse] => {
  const [a, b] = nodes
  if (a === undefined || b === undefined) throw new Error('there are no two nodes')
  return [a, b]
}

async function makeKey(node: TestHouse): Promise<{ id: string; key: string }> {
  const name = `${Math.round(performance.now() * 1000)}`
  const plan = await api(node, 'POST', '/api/plans', { name, rate_limit_per_minute: -1 })
  const user = await api(node, 'POST', '/api/users', { email: `u${name}@example.com`, plan_id: plan['id'] })
  const made = await api(node, 'POST', '/api/api_keys', { user_id: user['id'], name })
  return { id: made['id'] ?? '', key: made['key'] ?? '' }
}

it('nodes that start at once on an empty database fill it once: one of them has the first operator', () => {
  expect(nodes.filter((node) => node.token !== '')).toHaveLength(1)
})

it('a key that is made and revoked at one node is known and refused at another, told and not asked for', async () => {
  const [a, b] = pair()
  const made = await api(a, 'POST', '/api/upstreams', { name: 'shared', base_url: upstream.url })
  await api(a, 'POST', '/api/routes', { name: 'shared', path_pattern: '/*', upstream_id: made['id'] })
  const { id, key } = await makeKey(a)
  await expect.poll(() => ask(b, key)).toBe(200)
  await api(a, 'POST', `/api/api_keys/${id}/revoke`)
  await expect.poll(() => ask(b, key)).toBe(401)
})

it('a node whose connections were cut hears of changes again', async () => {
  const [a, b] = pair()
  const { id, key } = await makeKey(a)
  await expect.poll(() => ask(b, key)).toBe(200)
  const admin = await adminClient()
  // Only those of these nodes: the instances of other tests listen on the same server.
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where query ilike $1', [
    `listen%${schemaName()}%`,
  ])
  await admin.end()
  await api(a, 'POST', `/api/api_keys/${id}/revoke`)
  await expect.poll(() => ask(b, key)).toBe(401)
})

it('the usage of all nodes is counted once, each from its own journal', async () => {
  const [a, b] = pair()
  const { key } = await makeKey(a)
  await expect.poll(() => ask(b, key)).toBe(200)
  for (let turn = 0; turn < 20; turn += 1) await Promise.all([ask(a, key), ask(b, key)])
  const requests = async (): Promise<number> => {
    const admin = await adminClient()
    const name = schemaName()
    const { rows } = await admin.query(
      `select coalesce(sum(r.requests), 0)::int as n from ${name}.usage_rollups r
       join ${name}.usage_sources s on s.id = r.source_id
       join ${name}.api_keys k on k.id = s.api_key_id
       where r.granularity = 'day' and k.prefix = left($1, length(k.prefix))`,
      [key],
    )
    await admin.end()
    return rows[0].n
  }
  await expect.poll(requests).toBe(41)
})
