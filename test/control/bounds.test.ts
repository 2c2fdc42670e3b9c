import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRequestGate } from '#control/request-gate.ts'
import { watch } from '#test/support/live-client.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { type ControlHouse, startControl } from './control-house.ts'

const addressOf = (path: string): string =>
  path
    .replaceAll(/:\w+/g, 'x')
    .replaceAll(/\{\w+\}/g, 'x')
    .replace('*', 'x')

describe('the limit of requests', () => {
  let house: ControlHouse
  beforeAll(async () => {
    house = await startControl()
    house.gates.current = createRequestGate({ clock: house.clock, requestsPerMinute: 1 })
  })
  afterAll(() => house.stop())

  test('holds at every address there is, before anything is looked at', async () => {
    const open: string[] = []
    for (const [index, { method, path }] of house.control.routes.entries()) {
      house.circumstances.address = `10.1.${index >> 8}.${index & 255}`
      const first = await house.bare(method, addressOf(path), {})
      const second = await house.bare(method, addressOf(path), {})
      const waits = Number(second.headers.get('retry-after'))
      if (first.status === 429 || second.status !== 429 || !(waits > 0))
        open.push(`${method} ${path}: ${first.status}, ${second.status}`)
    }
    expect(open).toEqual([])
    expect(house.control.routes.length).toBeGreaterThan(80)
  })

  test('holds for live connections, by their address and by who asks', async () => {
    const token = { token: house.token }
    house.circumstances.address = '10.2.0.1'
    await expect(watch(house.url, '/ws/spare_part', {})).rejects.toThrow('401 unauthorized')
    await expect(watch(house.url, '/ws/spare_part', token)).rejects.toThrow('429 rate_limit_exceeded')
    house.circumstances.address = '10.2.0.2'
    await watch(house.url, '/ws/spare_part', token)
    house.circumstances.address = '10.2.0.3'
    await expect(watch(house.url, '/ws/spare_part', token)).rejects.toThrow('429 rate_limit_exceeded')
    house.clock.time += 60_000
    await watch(house.url, '/ws/spare_part', token)
  })
})

describe('the limit of a body', () => {
  let house: TestHouse
  let owner = ''
  beforeAll(async () => {
    house = await startHouse({ env: { APIGATE_CONTROL_RATE_LIMIT: '0' } })
    const account = { email: 'o@example.com', password: 'a long enough password', organization_name: 'O' }
    owner = (await house.api('POST', '/api/v1/auth/register', account)).body.data.token
  })
  afterAll(() => house.close())

  const megabyte = Buffer.alloc(1024 * 1024, 0x20)
  const most = 512

  /** Sends far more than anybody needs, a megabyte at a time, and answers how much of it was taken. */
  async function flood(
    method: string,
    path: string,
    token: string,
  ): Promise<[status: number, megabytes: number]> {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent === most) return controller.close()
        sent += 1
        controller.enqueue(megabyte)
      },
    })
    const asked = { method, body, duplex: 'half', redirect: 'manual' } as RequestInit
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(house.url + path, { ...asked, headers })
    await answer.arrayBuffer()
    return [answer.status, sent]
  }

  test('holds at every operation there is, for operators and for people: nothing takes in what is endless', async () => {
    const { paths } = (await house.api('GET', '/openapi.json')).body
    const operations = Object.entries<object>(paths).flatMap(([path, item]) =>
      Object.keys(item).flatMap((method) =>
        method === 'get' ? [] : [[method.toUpperCase(), addressOf(path)] as const],
      ),
    )
    const greedy: unknown[] = []
    const tooLarge = new Set<string>()
    for (const [method, path] of operations) {
      const token = path.startsWith('/api/v1/') ? owner : house.token
      const [status, megabytes] = await flood(method, path, token)
      if (status === 413) tooLarge.add(`${method} ${path}`)
      if (megabytes === most || status >= 500) greedy.push([method, path, status, megabytes])
    }
    expect(greedy).toEqual([])
    expect(operations.length).toBeGreaterThan(150)
    expect(tooLarge.size).toBeGreaterThan(60)
  })
})
