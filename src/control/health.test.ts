import { expect, test } from 'vitest'
import { createHealth, type HealthCheck } from './health.ts'

const clock = { now: () => 1_700_000_010_000 }

function health(
  checks: Record<string, HealthCheck>,
  change: { isDraining?: boolean; timeoutMs?: number } = {},
) {
  return createHealth({
    checks,
    isDraining: () => change.isDraining ?? false,
    clock,
    startedAt: 1_700_000_000_000,
    version: '1.2.3',
    timeoutMs: change.timeoutMs ?? 1_000,
  })
}

test('it is ready when every check resolves, and says since when and which version', async () => {
  const report = await health({ database: async () => undefined, journal: async () => undefined }).ready()
  expect(report).toMatchObject({
    status: 'healthy',
    timestamp: '2023-11-14T22:13:30.000Z',
    services: { database: 'up', journal: 'up' },
    uptime: 10,
    version: '1.2.3',
  })
  expect(report.memory.rss).toBeGreaterThan(0)
})

test('one failing check makes it unready and is named, without its message', async () => {
  const report = await health({
    database: async () => undefined,
    journal: () => Promise.reject(new Error('disk full at /secret/path')),
    broken: () => {
      throw new Error('at once')
    },
  }).ready()
  expect(report.status).toBe('unhealthy')
  expect(report.services).toEqual({ database: 'up', journal: 'down', broken: 'down' })
  expect(JSON.stringify(report)).not.toContain('secret')
})

test('a check that never ends counts as down and is not started a second time', async () => {
  let starts = 0
  const hanging = health({ database: () => new Promise(() => starts++) }, { timeoutMs: 1 })
  expect((await hanging.ready()).services).toEqual({ database: 'down' })
  expect((await hanging.ready()).services).toEqual({ database: 'down' })
  expect(starts).toBe(1)
})

test('while draining it lives but is not ready', async () => {
  const draining = health({ database: async () => undefined }, { isDraining: true })
  expect(draining.live().status).toBe('healthy')
  expect((await draining.ready()).status).toBe('unhealthy')
})
