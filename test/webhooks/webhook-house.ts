import { createHmac, timingSafeEqual } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { startUpstream, type Upstream } from '#test/support/upstream.ts'
import { startAccounts } from '../accounts/account-house.ts'

/** A message as its receiver reads it. */
export interface Received {
  readonly id: string
  readonly type: string
  readonly timestamp: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies freely
  readonly data: any
}

/** What receivers do by the specification, written without our code: true where one of the signatures is that of the secret. */
export function isSigned(
  { headers, body }: Pick<Upstream['seen'][number], 'headers' | 'body'>,
  secret: string,
): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const expected = createHmac('sha256', key).update(content).digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .some((one) => {
      const given = Buffer.from(one.replace(/^v1,/, ''), 'base64')
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
}

/** What a receiver was sent, in its order. */
export const receivedBy = ({ seen }: Pick<Upstream, 'seen'>): readonly Received[] =>
  seen.map(({ body }) => JSON.parse(body) as Received)

/** A real receiver that takes everything until it is told otherwise. */
export async function receiver(): Promise<Upstream> {
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  return upstream
}

/** A whole instance that may send to this machine, with people who have organizations. */
export async function webhookHouse(parts: Parameters<typeof startAccounts>[0] = {}) {
  const house = await startAccounts(parts)
  onTestFinished(house.close)
  await house.create('settings', { key: 'webhooks.allow_private', value: 'true' })
  return {
    ...house,
    /** Opens an account and answers its organization and its hands. */
    async customer(name: string) {
      const { body } = await house.register(`${name}@example.com`)
      const { token, organization } = body.data
      const ask = (method: string, path: string, input?: object) =>
        house.ask(method, path, input, house.bearer(token))
      return { organization: String(organization.id), ask, email: `${name}@example.com` }
    },
    deliver: house.running.deliverWebhooks,
    deliveries: async (query = '') =>
      (await house.api('GET', `/api/webhook_deliveries?limit=100&${query}`)).body.data,
    endpoint: async (id: string) => (await house.api('GET', `/api/webhook_endpoints/${id}`)).body.data,
    async setting(key: string, value: string) {
      await house.create('settings', { key, value })
    },
  }
}

/** Somebody who may ask. */
export type Asks = {
  ask: (
    method: string,
    path: string,
    input?: object,
  ) => Promise<{ status: number; body: { data: Record<string, string> } }>
}

/** Adds an endpoint and answers it with its secret. */
export async function addEndpoint({ ask }: Asks, url: string, more: object = {}) {
  const made = await ask('POST', '/api/webhook_endpoints', { url, ...more })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  const { id = '', secret = '' } = made.body.data
  return { id, secret, path: `/api/webhook_endpoints/${id}` }
}

/** Makes a key, which is an event of the organization; answers its id. */
export async function makeKey({ ask }: Asks, name: string): Promise<string> {
  const made = await ask('POST', '/api/v1/keys', { name })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body.data['id'] ?? ''
}
