import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeFiles } from '#adapters/journal/segment-file.ts'
import { bombard } from '#test/support/bombard.ts'
import { countedBefore } from '#test/support/counted-events.ts'
import { makeCustomer, makeRoute } from '#test/support/customer.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

const concurrency = 16

describe('a process that is killed with -9 under load', () => {
  it.each([50, 400, 1500])(
    'has recorded every answer that was received, after %i of them',
    async (enough) => {
      const first = await startHouse()
      const { dataDirectory, token } = first
      await makeRoute(first, upstream.url)
      const { key } = await makeCustomer(first, { rate_limit_per_minute: -1 })
      await first.running.close()

      const program = resolve(import.meta.dirname, '../../bin/apigate')
      const child = spawn(program, ['serve', '--port', '0', '--host', '127.0.0.1', '--data', dataDirectory], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...first.databaseEnv },
      })
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
      expect(child.signalCode).toBe('SIGKILL')

      const second = await startHouse({ token, overrides: { dataDirectory } })
      const events = await second.usageEvents()
      const recorded = events.map((event) => event['request_id'])
      expect(new Set(recorded).size).toBe(recorded.length)
      expect(ids.filter((id) => !recorded.includes(id))).toEqual([])
      expect(recorded.length - ids.length).toBeLessThanOrEqual(concurrency)
      const next = await fetch(`${second.url}/x`, { headers: { 'x-api-key': key } })
      const counted = countedBefore(next.headers.get('x-quota-reset'), events)
      expect(Number(next.headers.get('x-quota-used'))).toBe(counted + 1)
      await second.close()
    },
  )
})

describe('a full disk', () => {
  it('turns billable requests into 503, charges nobody, spares public routes, and heals by itself', async () => {
    const clock = frozenClock()
    let isFull = false
    const files: typeof nodeFiles = {
      ...nodeFiles,
      write: (...args) => {
        if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        return nodeFiles.write(...args)
      },
    }
    const house = await startHouse({ clock, journalFiles: files })
    await makeRoute(house, upstream.url)
    await makeRoute(house, upstream.url, { path_pattern: '/open', match_type: 'exact', auth_required: false })
    const { key } = await makeCustomer(house)
    const ask = (path = '/x') => fetch(`${house.url}${path}`, { headers: { 'x-api-key': key } })
    const used = (response: Response) => response.headers.get('x-quota-used')
    expect(used(await ask())).toBe('1')
    upstream.seen.length = 0

    isFull = true
    const atTheUpstream = await ask()
    expect([atTheUpstream.status, atTheUpstream.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await atTheUpstream.json()).toMatchObject({ error: { type: 'service_unavailable' } })
    expect(upstream.seen).toHaveLength(1)
    expect((await ask()).status).toBe(503)
    expect(upstream.seen, 'the second was refused before the upstream').toHaveLength(1)
    expect((await ask('/open')).status).toBe(200)
    expect((await fetch(`${house.url}/health/ready`)).status).toBe(503)

    isFull = false
    clock.advance(1_000)
    const healed = await ask()
    expect([healed.status, used(healed)]).toEqual([200, '2'])
    expect(await house.usageEvents()).toHaveLength(2)
    await house.close()
  })
})

describe('a graceful stop', () => {
  it('finishes the request under way, records it, and takes no new one', async () => {
    const house = await startHouse({ env: { APIGATE_DRAIN_TIMEOUT_MS: '60000' } })
    const { dataDirectory, token } = house
    await makeRoute(house, upstream.url)
    const { key } = await makeCustomer(house)
    let finish = (): void => {}
    const arrived = new Promise<void>((resolveArrival) => {
      upstream.answer((_request, response) => {
        finish = () => response.end('finished')
        resolveArrival()
      })
    })
    const underWay = fetch(`${house.url}/x`, { headers: { 'x-api-key': key } })
    await arrived
    const closed = house.running.close()
    await expect(fetch(`${house.url}/x`)).rejects.toThrow()
    finish()
    const response = await underWay
    expect([response.status, await response.text()]).toEqual([200, 'finished'])
    await closed
    upstream.answer((_request, response2) => void response2.end('ok'))
    const again = await startHouse({ token, overrides: { dataDirectory } })
    expect(await again.usageEvents()).toHaveLength(1)
    await again.close()
  })
})

it('two servers cannot work on the same data directory', async () => {
  const house = await startHouse()
  await expect(startHouse({ overrides: { dataDirectory: house.dataDirectory } })).rejects.toThrow(
    /Another APIGate server/,
  )
  expect((await fetch(`${house.url}/health`)).status).toBe(200)
  await house.close()
})
