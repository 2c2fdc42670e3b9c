import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createOutboundHttp } from '#adapters/http/outbound-http.ts'
import { addEndpoint, makeKey, receiver, webhookHouse } from './webhook-house.ts'

/** Ways to write an address of this machine or of a private network, each a host that a URL takes. */
const privateHosts = [
  'localhost',
  'LOCALHOST.',
  'a.localhost',
  'metadata.google.internal',
  'printer.local',
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '0',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '１２７.０.０.１',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:10.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fe80::1]',
  '[ff02::1]',
  '[2002:7f00:1::]',
]
const wrongUrls = [
  'hooks.example.com',
  'ftp://hooks.example.com/',
  'file:///etc/passwd',
  'http://hooks.example.com/',
  'https://name:password@hooks.example.com/',
  'https://hooks.example.com/#there',
  'https://hooks.example.com/a b',
  'https://hooks.example.com/\r\nx-injected: 1',
  '',
]

const resolvingTo = (...addresses: string[]) =>
  ((_name: string, _options: object, callback: (error: null, found: LookupAddress[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as never

test('no address of this machine or of a private network is taken, however it is written, nor one without TLS', async () => {
  const house = await webhookHouse()
  const { id } = (await house.api('GET', '/api/settings/webhooks.allow_private')).body.data
  await house.api('PATCH', `/api/settings/${id}`, { value: 'false' })
  const ada = await house.customer('ada')
  for (const url of [...privateHosts.map((host) => `https://${host}/hooks`), ...wrongUrls]) {
    const made = await ada.ask('POST', '/api/webhook_endpoints', { url })
    expect([made.status, made.body.error?.details.field], url).toEqual([400, 'url'])
  }
  const { path } = await addEndpoint(ada, 'https://hooks.example.com/')
  for (const url of ['https://127.1/', 'http://hooks.example.com/'])
    expect((await ada.ask('PATCH', path, { url })).status, url).toBe(400)
  for (const events of ['api_key.*', ['everything'], [{}]])
    expect((await ada.ask('PATCH', path, { events })).status).toBe(400)
})

test('a name that leads to a private address is refused when it is called, also when it did not lead there before', async () => {
  let connections = 0
  const inside = createServer((socket) => {
    connections += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  const addresses = ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fe80::1%eth0']
  let lookups: string[] = []
  const house = await webhookHouse({
    webhookHttp: (request) => createOutboundHttp({ lookup: resolvingTo(...lookups) })(request),
  })
  const { id } = (await house.api('GET', '/api/settings/webhooks.allow_private')).body.data
  await house.api('PATCH', `/api/settings/${id}`, { value: 'false' })
  const ada = await house.customer('ada')
  const { port } = inside.address() as { port: number }
  await addEndpoint(ada, `https://hooks.example.com:${port}/`, { events: ['api_key.*'] })
  for (const address of addresses) {
    lookups = [address]
    await makeKey(ada, address)
    await house.deliver()
  }
  const rows: { error: string; state: string }[] = await house.deliveries()
  expect(rows).toHaveLength(addresses.length)
  for (const row of rows)
    expect(row).toMatchObject({ state: 'pending', error: 'The receiver is a private address' })
  expect(connections).toBe(0)
  await new Promise((resolve) => inside.close(resolve))
})

test('a redirect is not followed, and what a receiver answers without end is not read to the end', async () => {
  const house = await webhookHouse()
  const ada = await house.customer('ada')
  const [hooks, elsewhere] = [await receiver(), await receiver()]
  await addEndpoint(ada, hooks.url, { events: ['api_key.*'] })
  const answers = [
    { status: 302, location: elsewhere.url },
    { status: 307, location: '/again' },
    { status: 308, location: '::' },
  ]
  for (const { status, location } of answers) {
    hooks.answer((_request, response) => response.writeHead(status, { location }).end())
    await makeKey(ada, String(status))
    await house.deliver()
  }
  let written = 0
  hooks.answer((_request, response) => {
    response.writeHead(200)
    const more = (): void => {
      while (!response.destroyed && written < 1e9) {
        written += 65_536
        if (!response.write(Buffer.alloc(65_536))) break
      }
    }
    response.on('drain', more)
    more()
  })
  await makeKey(ada, 'endless')
  await house.deliver()
  expect(hooks.seen.map(({ url, method }) => `${method} ${url}`)).toEqual(Array(4).fill('POST /'))
  expect(elsewhere.seen).toEqual([])
  expect(written).toBeLessThan(50e6)
  const rows: { error: string; state: string }[] = await house.deliveries('sort=created_at')
  expect(rows.map(({ state }) => state)).toEqual(Array(4).fill('pending'))
  expect(rows.filter(({ error }) => /redirect/.test(error))).toHaveLength(3)
  expect(rows.filter(({ error }) => /more than 65536 bytes/.test(error))).toHaveLength(1)
})

test('nobody but owners, admins and operators learns of an endpoint; what is internal cannot be written; secrets are shown once', async () => {
  const house = await webhookHouse()
  const [ada, eve] = [await house.customer('ada'), await house.customer('eve')]
  const hooks = await receiver()
  const { path, secret } = await addEndpoint(ada, hooks.url, { events: ['api_key.*'] })
  await makeKey(ada, 'shop')
  await house.deliver()
  const [{ id: delivery }] = await house.deliveries()
  const calls: [string, string, object?][] = [
    ['GET', path],
    ['PATCH', path, { url: 'https://evil.example/' }],
    ['DELETE', path],
    ['POST', `${path}/rotate_secret`, {}],
    ['POST', `${path}/test`, {}],
    ['POST', `${path}/pause`, {}],
    ['POST', `${path}/replay`, { since: '2026-01-01T00:00:00Z' }],
    ['GET', `/api/webhook_deliveries/${delivery}`],
    ['POST', `/api/webhook_deliveries/${delivery}/replay`, {}],
  ]
  for (const [method, address, body] of calls) {
    const asked = await eve.ask(method, address, body)
    const missing = await eve.ask(method, address.replace(/wh[ed]_[^/]+/, 'nobody'), body)
    expect([asked.status, asked.body.error.message], address).toEqual([404, missing.body.error.message])
  }
  expect((await eve.ask('GET', '/api/webhook_endpoints')).body.data).toEqual([])
  expect((await eve.ask('GET', '/api/webhook_deliveries')).body.data).toEqual([])
  for (const field of ['signing_secret', 'status', 'failing_since', 'previous_secret_until'])
    expect((await ada.ask('PATCH', path, { [field]: 'x' })).status, field).toBe(400)
  for (const action of ['disable', 'note_health'])
    expect((await ada.ask('POST', `${path}/${action}`, { reason: 'x' })).status).toBe(404)
  for (const one of [await ada.ask('GET', path), await ada.ask('GET', '/api/webhook_endpoints')])
    expect(one.text).not.toContain(secret)

  const member = await house.customer('bob')
  const { user } = (await member.ask('GET', '/api/v1/auth/me')).body.data
  await house.create('memberships', { organization_id: ada.organization, user_id: user.id, role: 'member' })
  await member.ask('POST', `/api/v1/organizations/${ada.organization}/switch`, {})
  const refused = await member.ask('GET', '/api/webhook_endpoints')
  expect([refused.status, refused.body.error?.type]).toEqual([403, 'permission_denied'])
  expect((await member.ask('POST', '/api/webhook_endpoints', { url: hooks.url })).status).toBe(403)
})
