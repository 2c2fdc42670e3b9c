import { Agent } from 'node:http'
import { expect, test } from 'vitest'
import { ask } from '#test/support/bombard.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse } from '#test/support/start-house.ts'
import { startUpstream } from '#test/support/upstream.ts'

const calls = 15_000

test('starter with 15,000 calls made through the gateway is an invoice of exactly 60.00 USD, with every call in its event set', async () => {
  const clock = frozenClock('2026-11-20T12:00:00.000Z')
  const upstream = await startUpstream()
  const house = await startHouse({ clock })
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  try {
    await house.create('upstreams', { name: 'api', base_url: upstream.url })
    await house.create('routes', { name: 'api', path_pattern: '/*', upstream_id: 'api' })
    const [starter] = (await house.api('GET', '/api/plans?name=starter')).body.data
    await house.api('PATCH', `/api/plans/${starter.id}`, { rate_limit_per_minute: -1 })
    const organization = await house.create('organizations', { name: 'Payer', email: 'pay@example.com' })
    const query = `?organization_id=${organization.id}`
    const [subscription] = (await house.api('GET', `/api/subscriptions${query}`)).body.data
    await house.api('PATCH', `/api/subscriptions/${subscription.id}`, { plan_id: starter.id })
    const { key } = await house.create('api_keys', { organization_id: organization.id })
    let asked = 0
    let answered = 0
    const one = async (): Promise<void> => {
      while (asked < calls) {
        asked += 1
        const answer = await ask(`${house.url}/x`, key, { agent })
        if (answer?.status === 200) answered += 1
      }
    }
    await Promise.all(Array.from({ length: 16 }, one))
    expect(answered).toBe(calls)
    await house.running.drainUsage()
    clock.set('2026-12-01T01:00:00.000Z')
    expect((await house.api('POST', '/admin/billing/run', {})).status).toBe(200)
    const [invoice] = (await house.api('GET', `/api/invoices${query}`)).body.data
    expect(invoice).toMatchObject({ total: 6000, currency: 'USD', units: calls, event_count: calls })
    const verified = await house.api('GET', `/admin/billing/invoices/${invoice.id}/verify`)
    expect(verified.body.data).toMatchObject({ ok: true })
    const events = await house.api('GET', `/admin/billing/invoices/${invoice.number}/events`)
    expect(events.body.trim().split('\n')).toHaveLength(calls + 1)
  } finally {
    agent.destroy()
    await house.close()
    await upstream.close()
  }
}, 180_000)
