import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from '#test/support/bombard.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startWorkers, type WorkerHouse } from './worker-house.ts'

/** A target that counts its checks by the connections that they came over, and fails them when it is told to. */
async function startTarget() {
  const upstream = await startUpstream()
  const checkedOver = new Set<number>()
  let checks = 0
  let isFailing = false
  upstream.answer((request, response) => {
    const isCheck = request.headers['user-agent'] === 'apigate-health'
    if (isCheck) {
      checks += 1
      checkedOver.add(request.socket.remotePort ?? 0)
    }
    response.statusCode = isCheck && isFailing ? 503 : 200
    response.end('ok')
  })
  const served = () => upstream.seen.filter(({ url }) => url === '/x').length
  return {
    url: upstream.url,
    close: upstream.close,
    checkedOver,
    checks: () => checks,
    served,
    fail(is: boolean) {
      isFailing = is
    },
  }
}

let one: Awaited<ReturnType<typeof startTarget>>
let other: Awaited<ReturnType<typeof startTarget>>
let plain: Upstream
let house: WorkerHouse
beforeAll(async () => {
  one = await startTarget()
  other = await startTarget()
  plain = await startUpstream()
  house = await startWorkers(3)
})
afterAll(async () => {
  await house.close()
  await one.close()
  await other.close()
  await plain.close()
})

it('one worker checks the targets and all go by it; when it ends, another one checks', async () => {
  await makeRoute(
    house,
    one.url,
    {},
    {
      targets: [{ url: one.url }, { url: other.url }],
      health_path: '/healthy',
      health_interval_ms: 200,
      health_timeout_ms: 60_000,
      health_healthy_after: 1,
      health_unhealthy_after: 1,
    },
  )
  const { key } = await makeCustomer(house, { rate_limit_per_minute: -1 })
  const ofTarget = async (index: number) => {
    const { body } = await house.api('GET', '/admin/upstreams')
    return body.data[0].targets[index].health as string
  }
  const findings = () =>
    house.told
      .filter(({ message }) => message === 'upstream target fails its health checks')
      .map(({ fields }) => ({ target: fields['target'], worker: fields['worker'] }))
  /** Every worker has answered since: it has taken in what was told to it before. */
  const serve = async () => {
    await house.ready()
    await Promise.all(Array.from({ length: 40 }, () => ask(`${house.url}/x`, key)))
  }

  await expect.poll(() => one.checks()).toBeGreaterThan(1)
  expect(one.checkedOver.size, 'all checks come from one worker').toBe(1)
  await serve()
  expect([one.served(), other.served()].every((count) => count > 0)).toBe(true)

  one.fail(true)
  await expect.poll(() => ofTarget(0)).toBe('down')
  const before = one.served()
  await serve()
  expect(one.served(), 'no worker sends it a request').toBe(before)
  expect((await house.api('GET', '/metrics')).body).toMatch(/apigate_upstream_up\{[^}]*target="0"\} 0/)

  expect(findings()).toEqual([{ target: one.url, worker: 1 }])

  house.break(1, 'throw')
  await expect
    .poll(() => house.told.map(({ message }) => message))
    .toContain('a gateway worker ended and is replaced')
  other.fail(true)
  await expect.poll(() => findings().length).toBe(2)
  expect(findings()[1]).toEqual({ target: other.url, worker: 2 })
  other.fail(false)
  await expect.poll(() => ofTarget(1)).toBe('up')
  await serve()
  expect(one.served(), 'nor does the replacement').toBe(before)

  one.fail(false)
  await expect.poll(() => ofTarget(0)).toBe('up')
  await serve()
  expect(one.served()).toBeGreaterThan(before)
})

it('what an upstream may have open at a time is shared out, never exceeded', async () => {
  const held: ServerResponse[] = []
  let most = 0
  let isHeld = true
  plain.answer((_request, response) => {
    held.push(response)
    most = Math.max(most, held.length)
    if (!isHeld) setImmediate(() => held.shift()?.end('ok'))
  })
  await makeRoute(
    house,
    plain.url,
    { path_pattern: '/bounded', match_type: 'exact' },
    { max_connections: 6, max_pending: 300 },
  )
  const { key } = await makeCustomer(house, { rate_limit_per_minute: -1 })
  const asked = Array.from({ length: 60 }, () => ask(`${house.url}/bounded`, key))
  await expect.poll(() => held.length).toBe(6)
  isHeld = false
  for (const response of held.splice(0)) response.end('ok')
  const answers = await Promise.all(asked)
  expect(new Set(answers.map((answer) => answer?.status))).toEqual(new Set([200]))
  expect(most).toBe(6)
})
