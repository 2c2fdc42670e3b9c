import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bombard } from '#test/support/bombard.ts'
import { countedBefore } from '#test/support/counted-events.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { startHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startWorkers } from './worker-house.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

const concurrency = 24
const replaced = 'a gateway worker ended and is replaced'
const requestIds = (events: readonly Record<string, unknown>[]) => events.map((event) => event['request_id'])

describe('a worker that ends in the middle of traffic', () => {
  it.each([
    ['by an error that nobody caught', 'throw'],
    ['because its memory is used up', 'memory'],
  ] as const)(
    '%s loses no answered request, and quota, places and counters are right afterwards',
    async (_why, how) => {
      const house = await startWorkers(3)
      await makeRoute(house, upstream.url)
      const { key } = await makeCustomer(house, { rate_limit_per_minute: -1, requests_per_month: 1_000_000 })
      const traffic = bombard(`${house.url}/x`, key, concurrency, true)
      for (const [number, answers] of [1, 2].entries()) {
        await traffic.reached((number + 1) * 300)
        house.break(answers, how)
      }
      await expect.poll(() => house.told.filter(({ message }) => message === replaced).length).toBe(2)
      await traffic.reached(traffic.ids.length + 300)
      await traffic.stop()
      await house.ready()

      const events = await house.usageEvents()
      const recorded = requestIds(events)
      expect(new Set(recorded).size).toBe(recorded.length)
      expect(traffic.ids.filter((id) => !recorded.includes(id))).toEqual([])
      expect(recorded.length - traffic.ids.length).toBeLessThanOrEqual(2 * concurrency)
      const next = await ask(`${house.url}/x`, key)
      expect(Number(next?.headers['x-quota-used'])).toBe(
        countedBefore(next?.headers['x-quota-reset'], events) + 1,
      )
      await expect.poll(house.running.active).toBe(0)
      expect(house.told.map(({ message }) => message)).toEqual([replaced, replaced])
      await house.close()
    },
  )

  it('is replaced when it hangs, and no answered request is lost', async () => {
    const house = await startWorkers(2, {}, { everyMs: 200, mostLooks: 20 })
    await makeRoute(house, upstream.url)
    const { key } = await makeCustomer(house, { rate_limit_per_minute: -1, requests_per_month: 1_000_000 })
    const answered = await Promise.all(Array.from({ length: 40 }, () => ask(`${house.url}/x`, key)))
    expect(house.servedBy().size).toBe(2)
    house.break(1, 'hang')
    const messages = () => house.told.map(({ message }) => message)
    await expect.poll(messages).toEqual(['a gateway worker does not answer any more and is ended', replaced])
    await house.ready()
    const events = await house.usageEvents()
    const recorded = requestIds(events)
    expect(recorded).toHaveLength(answered.length)
    const next = await ask(`${house.url}/x`, key)
    expect(Number(next?.headers['x-quota-used'])).toBe(
      countedBefore(next?.headers['x-quota-reset'], events) + 1,
    )
    await house.close()
  })

  it('leaves its counts in the metrics: no counter ever falls', async () => {
    const house = await startWorkers(2)
    await makeRoute(house, upstream.url)
    const { key } = await makeCustomer(house)
    const answered = async () => {
      const { body } = await house.api('GET', '/metrics')
      return Number(/apigate_requests_total\{status="200"\} (\d+)/.exec(body)?.[1] ?? 0)
    }
    await Promise.all(Array.from({ length: 40 }, () => ask(`${house.url}/x`, key)))
    expect(house.servedBy().size).toBe(2)
    expect(await answered()).toBe(40)
    house.break(1, 'throw')
    await expect.poll(() => house.told.length).toBe(1)
    await expect.poll(answered).toBe(40)
    await house.ready()
    await ask(`${house.url}/x`, key)
    expect(await answered()).toBe(41)
    await house.close()
  })
})

describe('a process with four workers that is killed with -9 under load', () => {
  it.each([50, 700])('has recorded every answer that was received, after %i of them', async (enough) => {
    const first = await startHouse()
    const { dataDirectory, token } = first
    await makeRoute(first, upstream.url)
    const { key } = await makeCustomer(first, { rate_limit_per_minute: -1 })
    await first.running.close()

    const program = resolve(import.meta.dirname, '../../bin/apigate')
    const args = ['serve', '--workers', '4', '--port', '0', '--host', '127.0.0.1', '--data', dataDirectory]
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let url: string | undefined
    for await (const line of createInterface(child.stderr)) {
      url = /answers on (\S+)/.exec(line)?.[1]
      if (url !== undefined) break
    }
    const { ids, reached, ended } = bombard(`${url}/x`, key, concurrency)
    await reached(enough)
    child.kill('SIGKILL')
    await ended
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')

    const second = await startWorkers(4, { token, overrides: { dataDirectory } })
    const events = await second.usageEvents()
    const recorded = requestIds(events)
    expect(new Set(recorded).size).toBe(recorded.length)
    expect(ids.filter((id) => !recorded.includes(id))).toEqual([])
    expect(recorded.length - ids.length).toBeLessThanOrEqual(concurrency)
    const next = await ask(`${second.url}/x`, key)
    expect(Number(next?.headers['x-quota-used'])).toBe(
      countedBefore(next?.headers['x-quota-reset'], events) + 1,
    )
    await second.close()
  })
})

describe('a graceful stop', () => {
  it('finishes the requests under way on every worker, records them, and takes no new one', async () => {
    const house = await startWorkers(3, { env: { APIGATE_DRAIN_TIMEOUT_MS: '60000' } })
    const { dataDirectory, token } = house
    await makeRoute(house, upstream.url)
    const { key } = await makeCustomer(house)
    const waiting: (() => void)[] = []
    upstream.answer((_request, response) => void waiting.push(() => response.end('finished')))
    const underWay = Array.from({ length: 30 }, () => ask(`${house.url}/x`, key))
    await expect.poll(() => waiting.length).toBe(30)
    expect(house.running.active()).toBe(30)
    const closed = house.running.close()
    // Without a key: one that is still let in is answered at once, and not held with the others.
    await expect.poll(() => ask(`${house.url}/x`, '')).toBe(undefined)
    for (const finish of waiting) finish()
    const answers = await Promise.all(underWay)
    expect(new Set(answers.map((answer) => `${answer?.status} ${answer?.body}`))).toEqual(
      new Set(['200 finished']),
    )
    await closed
    upstream.answer((_request, response) => void response.end('ok'))
    const again = await startWorkers(2, { token, overrides: { dataDirectory } })
    expect(await again.usageEvents()).toHaveLength(30)
    expect(house.told).toEqual([])
    await again.close()
  })
})
