import { createHmac } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { providerHouse } from '#test/support/provider-house.ts'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { type Delivered, notificationConformance } from './notification.ts'

const start = async (): Promise<Upstream> => {
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  return upstream
}
const opened = async (env: Record<string, string>, provider: string) => {
  const house = await providerHouse({ env: { NOTIFICATION_PROVIDER: provider, ...env } })
  await house.set(`notification.${provider}.allow_private`, 'true')
  return house
}
const secret = `whsec_${Buffer.from('twenty-four bytes of key').toString('base64')}`
const webhook = (url: string) =>
  opened({ NOTIFICATION_WEBHOOK_URL: url, NOTIFICATION_WEBHOOK_SECRET: secret }, 'webhook')

notificationConformance('log', async () => {
  const { house, lines } = await providerHouse({ env: { NOTIFICATION_PROVIDER: 'log' } })
  return {
    capabilities: house.providers.capabilities,
    delivered: () =>
      lines
        .filter((line) => line.startsWith('notification {'))
        .map((line) => JSON.parse(line.slice('notification '.length)) as Record<string, string>)
        .map(({ event = '', severity = '', title = '', text = '' }) => ({ event, severity, title, text })),
  }
})

interface SlackMessage {
  readonly text: string
  readonly blocks: readonly {
    readonly type: string
    readonly text?: { readonly type: string; readonly text: string }
    readonly elements?: readonly { readonly text: string }[]
  }[]
}

notificationConformance('slack', async () => {
  const upstream = await start()
  const messages: SlackMessage[] = []
  upstream.answer((_request, response, { method, url, body }) => {
    const message = JSON.parse(body) as SlackMessage
    const texts = message.blocks.flatMap(({ text }) => (text === undefined ? [] : [text]))
    const isFine =
      method === 'POST' &&
      url === '/services/T0/B0/x' &&
      texts.every(({ type, text }) => type === 'plain_text' && text.length > 0 && text.length <= 3000)
    if (isFine) messages.push(message)
    response
      .writeHead(isFine ? 200 : 400, { 'content-type': 'text/html' })
      .end(isFine ? 'ok' : 'invalid_blocks')
  })
  const { house } = await opened({ SLACK_WEBHOOK_URL: `${upstream.url}/services/T0/B0/x` }, 'slack')
  return {
    capabilities: house.providers.capabilities,
    delivered: () =>
      messages.map(({ blocks }): Delivered => {
        const [title, ...rest] = blocks
        const context = rest.at(-1)?.elements ?? []
        return {
          event: context[1]?.text ?? '',
          severity: context[0]?.text ?? '',
          title: title?.text?.text ?? '',
          text: rest.length === 2 ? (rest[0]?.text?.text ?? '') : '',
        }
      }),
  }
})

notificationConformance('webhook', async () => {
  const upstream = await start()
  const { house } = await webhook(`${upstream.url}/hook`)
  return {
    capabilities: house.providers.capabilities,
    delivered: () =>
      upstream.seen.map(({ body }) => {
        const { type, data } = JSON.parse(body) as { type: string; data: Omit<Delivered, 'event'> }
        return { ...data, event: type }
      }),
  }
})

const note = { event: 'queue.job_dead', title: 'T' }

it('a webhook is signed over its exact bytes as Standard Webhooks says, and an idempotency key is its id', async () => {
  const upstream = await start()
  const { house, clock } = await webhook(upstream.url)
  const notification = house.providers.capabilities.capability('notification')
  await notification.notify({ ...note, data: { é: 1 }, idempotency_key: 'job_1' })
  await notification.notify({ ...note, idempotency_key: 'a\r\nx-evil: 1' })
  const [first, second] = upstream.seen
  if (first === undefined || second === undefined) throw new Error('nothing arrived')
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = first.headers
  expect(id).toBe('job_1')
  expect(Number(time)).toBe(Math.floor(clock.now() / 1000))
  const key = Buffer.from(secret.slice(6), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${time}.${first.body}`).digest('base64')
  expect(signature).toBe(`v1,${expected}`)
  expect(JSON.parse(first.body)).toEqual({
    id: 'job_1',
    type: 'queue.job_dead',
    timestamp: new Date(clock.now()).toISOString(),
    data: { severity: 'info', title: 'T', text: '', data: { é: 1 } },
  })
  expect(second.headers['x-evil']).toBeUndefined()
  expect(second.headers['webhook-id']).toMatch(/^[0-9a-f]{64}$/)
})

it('a webhook follows no redirect', async () => {
  const upstream = await start()
  upstream.answer((_request, response) => response.writeHead(307, { location: '/other' }).end())
  const { house } = await webhook(upstream.url)
  expect(await house.providers.capabilities.capability('notification').notify(note)).toMatchObject({
    ok: false,
  })
  expect(upstream.seen).toHaveLength(1)
})

it('a webhook reaches no private address unless it is allowed, also not by a name that leads there', async () => {
  const upstream = await start()
  const port = new URL(upstream.url).port
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', 'localhost.localdomain']) {
    const { house } = await providerHouse({
      env: {
        NOTIFICATION_PROVIDER: 'webhook',
        NOTIFICATION_WEBHOOK_URL: `http://${host}:${port}/`,
        NOTIFICATION_WEBHOOK_SECRET: secret,
      },
    })
    const outcome = await house.providers.capabilities.capability('notification').notify(note)
    expect(outcome.ok, host).toBe(false)
  }
  expect(upstream.seen).toEqual([])
})

it('what the receiver refuses is final, what it cannot do now is worth another attempt', async () => {
  const upstream = await start()
  let status = 200
  upstream.answer((_request, response) => response.writeHead(status).end())
  const { house, lines } = await webhook(upstream.url)
  const codes: unknown[] = []
  for (status of [204, 400, 410, 429, 500, 503]) {
    const outcome = await house.providers.capabilities.capability('notification').notify(note)
    codes.push(outcome.ok || outcome.code)
  }
  const again = 'service_unavailable'
  expect(codes).toEqual([true, 'upstream_error', 'upstream_error', again, again, again])
  await upstream.close()
  expect(await house.providers.capabilities.capability('notification').notify(note)).toMatchObject({
    code: again,
  })
  expect(lines.join('\n')).not.toContain(secret)
})

it('an address of Slack is a secret: it is in no answer and no log', async () => {
  const upstream = await start()
  upstream.answer((_request, response) => response.writeHead(404).end('no_service'))
  const path = '/services/T0/B0/very-secret'
  const { house, lines } = await opened({ SLACK_WEBHOOK_URL: upstream.url + path }, 'slack')
  const outcome = await house.providers.capabilities.capability('notification').notify(note)
  expect(outcome.ok).toBe(false)
  expect(JSON.stringify(outcome) + lines.join('\n')).not.toContain('very-secret')
})
