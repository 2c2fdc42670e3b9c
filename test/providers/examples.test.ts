import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { startUpstream } from '#test/support/upstream.ts'

const modules = resolve(import.meta.dirname, '../../examples/services')
const message = { to: '+4915112345678', text: 'Hello 🎈', idempotency_key: 'once' }

it('the provider in YAML alone of the examples sends what its gateway expects, signed', async () => {
  const gateway = await startUpstream()
  onTestFinished(gateway.close)
  gateway.answer((_request, response, { method }) => {
    response.end(method === 'GET' ? '{}' : '{"data":{"id":7,"parts":"2"}}')
  })
  const opened = await providerHouse({
    modules,
    env: { SMS_GATEWAY_API_KEY: 'sms-secret', SMS_GATEWAY_SENDER: 'Acme Co' },
  })
  await opened.set('text_message.gateway.base_url', `${gateway.url}/v2`)
  await opened.set('text_message.gateway.allow_private', 'true')
  const { catalogue, capabilities, manage } = opened.house.providers
  const asked = { actor: { kind: 'system', id: 'test' }, requestId: 'req_1' } as const
  const wish = { capability: 'text_message', provider: 'gateway', force: false, ...asked }
  expect(await manage.switchTo(wish)).toMatchObject({ ok: true, value: { is_active: true } })
  const sent = await capabilities.call({ capability: 'text_message', action: 'send', input: message })
  // The gateway's number and text are those of the capability.
  expect(sent).toEqual({ ok: true, value: { message_id: '7', parts: 2 } })
  const [, last] = gateway.seen
  if (last === undefined) throw new Error('the gateway was not asked')
  const { url, headers, body } = last
  expect(url).toBe('/v2/senders/Acme%20Co/messages')
  expect(JSON.parse(body)).toEqual({
    recipient: { number: message.to },
    content: { type: 'text', body: message.text },
  })
  expect(headers['idempotency-key']).toBe('once')
  const seconds = opened.clock.now() / 1000
  const signature = createHmac('sha256', 'sms-secret').update(`${seconds}.POST.${url}.${body}`).digest('hex')
  expect(headers['x-signature']).toBe(`t=${seconds},v1=${signature}`)
  await gateway.close()
  expect(await catalogue.test({ name: 'text_message_gateway' })).toMatchObject({
    value: [{ status: 'unavailable' }],
  })
})

it('the provider in code of the examples is held to the same capability', async () => {
  const opened = await providerHouse({ modules })
  const path = join(temporaryFolder(), 'messages.jsonl')
  await opened.set('text_message.file.path', path)
  const { capabilities } = opened.house.providers
  const call = (input: object) =>
    capabilities.call({ capability: 'text_message', action: 'send', input: { ...input } })
  expect(await call(message)).toMatchObject({
    ok: true,
    value: { message_id: expect.stringMatching(/^sms_/), parts: 1 },
  })
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ to: message.to, text: message.text })
  expect(await call({ to: '0151', text: 'x' })).toMatchObject({
    ok: false,
    code: 'validation_error',
    details: { field: 'to' },
  })
  await opened.set('text_message.file.path', '/does/not/exist/messages.jsonl')
  expect(await call(message)).toMatchObject({
    ok: false,
    code: 'service_unavailable',
    details: { capability: 'text_message', provider: 'file' },
  })
})
