import { expect, it, onTestFinished } from 'vitest'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse } from '#test/support/start-house.ts'
import { startUpstream } from '#test/support/upstream.ts'

it('a request that an open breaker keeps away is 503 with the time to wait, and is not billed', async () => {
  const house = await startHouse({ clock: frozenClock() })
  onTestFinished(() => house.close())
  await makeRoute(
    house,
    'http://127.0.0.1:1',
    {},
    { breaker_failures: 2, breaker_open_ms: 60_000, retries: 0 },
  )
  const { key } = await makeCustomer(house)
  const get = () => fetch(`${house.url}/x`, { headers: { 'x-api-key': key } })
  expect([(await get()).status, (await get()).status]).toEqual([502, 502])
  const refused = await get()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('60')
  expect(await refused.json()).toMatchObject({ error: { code: 'SERVICE_UNAVAILABLE' } })
  expect((await house.usageEvents()).every(({ units }) => units === 0)).toBe(true)
})

it('targets that are written share the requests from the next one on, and the metrics show them', async () => {
  const [one, two] = [await startUpstream(), await startUpstream()]
  const house = await startHouse()
  onTestFinished(async () => {
    await house.close()
    await one.close()
    await two.close()
  })
  const { upstreamId } = await makeRoute(house, one.url, { auth_required: false })
  const get = () => fetch(`${house.url}/x`).then((answer) => answer.text())
  await get()
  const targets = [{ url: one.url, weight: 3 }, { url: two.url }]
  expect((await house.api('PATCH', `/api/upstreams/${upstreamId}`, { targets })).status).toBe(200)
  for (let turn = 0; turn < 8; turn++) await get()
  expect([one.seen.length, two.seen.length]).toEqual([1 + 6, 2])
  const metrics = await house.api('GET', '/metrics')
  expect(metrics.body).toMatch(/apigate_upstream_up\{upstream="[^"]+",target="1"\} 1/)
})
