import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoute } from '#test/support/customer.ts'
import { connectClient } from '#test/support/gateway-server.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'

let upstream: Upstream
let house: TestHouse
let behindProxy: TestHouse

beforeAll(async () => {
  upstream = await startUpstream()
  house = await startHouse()
  behindProxy = await startHouse({ env: { APIGATE_TRUSTED_PROXIES: '127.0.0.1' } })
  for (const one of [house, behindProxy])
    await makeRoute(
      one,
      upstream.url,
      { path_pattern: '/*', auth_required: false },
      { auth_type: 'header', auth_header: 'X-Upstream-Auth', auth_value_encrypted: 'ours' },
    )
})
afterAll(async () => {
  await house.close()
  await behindProxy.close()
  await upstream.close()
})
beforeEach(() => {
  upstream.seen.length = 0
})

/** Sends these lines as they stand and answers what comes back. */
async function sendRaw(one: TestHouse, ...lines: string[]): Promise<string> {
  const client = await connectClient(Number(new URL(one.url).port))
  client.socket.write([...lines, 'Connection: close', '', ''].join('\r\n'))
  return client.ended()
}

/** By these names servers are told who the client is, where it came from, or which address it asked for. */
const told = [
  'CF-Connecting-IP',
  'Fastly-Client-IP',
  'True-Client-IP',
  'X-Client-IP',
  'X-Cluster-Client-IP',
  'X-Forwarded-Client-Cert',
  'X-Forwarded-Port',
  'X-Forwarded-Prefix',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-Ssl',
  'X-Forwarded-Uri',
  'X-Original-Forwarded-For',
  'X-Original-Host',
  'X-Original-URL',
  'X-Rewrite-URL',
]

describe('what a proxy says about a client', () => {
  it.each(told)('%s is not believed of the client itself, in any spelling', async (name) => {
    const spellings = [name, name.toLowerCase(), name.replaceAll('-', '_')]
    const answer = await sendRaw(
      house,
      'GET /x HTTP/1.1',
      'Host: h',
      ...spellings.map((one) => `${one}: forged`),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(JSON.stringify(upstream.seen[0]?.rawHeaders)).not.toContain('forged')
  })

  it.each(told)('%s goes on from a trusted proxy', async (name) => {
    await sendRaw(behindProxy, 'GET /x HTTP/1.1', 'Host: h', `${name}: said`)
    expect(upstream.seen[0]?.headers[name.toLowerCase()]).toBe('said')
  })
})

it('the credentials that the upstream gets are ours alone, however a client spells their header', async () => {
  const spellings = ['X-Upstream-Auth', 'X_Upstream_Auth', 'x-upstream_auth']
  await sendRaw(house, 'GET /x HTTP/1.1', 'Host: h', ...spellings.map((one) => `${one}: theirs`))
  const headers = upstream.seen[0]?.rawHeaders ?? []
  expect(headers).toContain('ours')
  expect(headers).not.toContain('theirs')
})

describe('a target that names its host', () => {
  it.each([
    ['another one', 'GET http://other/x HTTP/1.1', 'Host: h', 400],
    ['another port', 'GET http://h:81/x HTTP/1.1', 'Host: h:80', 400],
    ['the same', 'GET http://H/x HTTP/1.1', 'Host: h', 200],
    ['the same with the port', 'GET http://h:80/x HTTP/1.1', 'Host: h:80', 200],
  ])('%s than Host says: %s %s is %i', async (_which, line, host, status) => {
    expect(await sendRaw(house, line, host)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(upstream.seen).toHaveLength(status === 200 ? 1 : 0)
  })
})
