import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '#bootstrap/config.ts'
import { ask } from '#test/support/bombard.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startWorkers } from './worker-house.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

it('a second instance with workers does not get a part of the requests of the first: its port is taken', async () => {
  const house = await startWorkers(2)
  const { port } = house.running
  await expect(startWorkers(2, { overrides: { port } })).rejects.toThrow(`Port ${port} is in use`)
  await expect(startWorkers(1, { overrides: { port } })).rejects.toThrow(`Port ${port} is in use`)
  expect((await ask(`${house.url}/health/ready`, ''))?.status).toBe(200)
  await house.close()
})

it('with a port of its own the gateway answers nothing of the control plane, on any worker', async () => {
  const house = await startWorkers(2, { overrides: { gatewayPort: 0 } })
  await makeRoute(house, upstream.url)
  const { key } = await makeCustomer(house, { rate_limit_per_minute: -1 })
  const ask20 = async (path: string) => {
    const asked = Array.from({ length: 20 }, () => ask(`${house.running.gatewayUrl}${path}`, key))
    return new Set((await Promise.all(asked)).map((answer) => answer?.body))
  }
  expect(await ask20('/x')).toEqual(new Set(['{"ok":true}']))
  expect([...(await ask20('/health'))].some((body) => body?.includes('uptime'))).toBe(false)
  expect(house.servedBy().size).toBe(2)
  await house.close()
})

it('the number of workers is a number, or auto for what the machine has; anything else is refused by name', () => {
  const workersOf = (text: string | undefined, flag?: string) => {
    const config = readConfig({ APIGATE_WORKERS: text }, flag === undefined ? {} : { workers: flag })
    return config.ok ? config.value.workers : config.message
  }
  const processors = availableParallelism()
  expect(workersOf(undefined)).toBe(1)
  expect(workersOf('3')).toBe(3)
  expect(workersOf('3', '2')).toBe(2)
  expect(workersOf('auto')).toBe(processors > 2 ? Math.min(64, processors - 1) : processors)
  for (const text of ['0', '65', '1.5', 'many', '-1'])
    expect(workersOf(text)).toBe('APIGATE_WORKERS must be auto, or a number from 1 to 64')
})
