import { createHmac } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Clock } from '#ports/clock.ts'
import { createLemonStore, type LemonAnswer, lemonError, type Values } from './lemon-store.ts'
import { startUpstream } from './upstream.ts'

/** The key that the double takes, and what it signs with. */
export const lemonKey = 'lemon-key-of-the-double'
export const lemonSecret = 'lemon-secret-of-the-double'

/** The value of an `X-Signature` header. */
export const lemonSignature = (raw: string, secret = lemonSecret): string =>
  createHmac('sha256', secret).update(raw).digest('hex')

/** A message of the double before it is sent; it can be sent late, twice, in any order, or never. */
export interface LemonMessage {
  readonly event: string
  readonly raw: string
}

/** Starts the part of Lemon Squeezy that payments go through, on loopback. */
export async function startLemon(clock: Clock) {
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  let isLost = false
  const messages: LemonMessage[] = []
  const tell = (event: string, data: object, custom: unknown = {}): void => {
    const meta = {
      test_mode: store.store.isTest,
      event_name: event,
      custom_data: custom,
      webhook_id: 'double',
    }
    messages.push({ event, raw: JSON.stringify({ meta, data }) })
  }
  const store = createLemonStore({ clock, tell })
  upstream.answer((_request, response, { method, url, headers, body }) => {
    const asked = body === '' ? {} : ((JSON.parse(body) as { data: Values }).data ?? {})
    const [status, content] =
      headers.authorization === `Bearer ${lemonKey}`
        ? answer(store, method, new URL(url, upstream.url), asked)
        : lemonError(401, 'Unauthenticated.')
    if (isLost && method === 'POST') {
      isLost = false
      response.writeHead(502)
      response.end()
      return
    }
    response.writeHead(status, { 'content-type': 'application/vnd.api+json' })
    response.end(JSON.stringify(content))
  })
  return {
    url: upstream.url,
    upstream,
    messages,
    tell,
    /** Does what it is asked to make next, and loses the answer. */
    loseAnswer(): void {
      isLost = true
    },
    /** What is so at Lemon Squeezy. */
    store: store.store,
    /** What a customer does on a page. */
    pay: store.pay,
    subscriptionOf: store.subscriptionOf,
    orders: store.orders,
    message: (event: string): LemonMessage => {
      const found = messages.findLast((message) => message.event === event)
      if (found === undefined) throw new Error(`the double has told of no ${event}`)
      return found
    },
  }
}

type Store = ReturnType<typeof createLemonStore>

function answer(store: Store, method: string, { pathname, searchParams }: URL, asked: Values): LemonAnswer {
  const [, version, kind = '', id, verb] = pathname.split('/')
  if (version !== 'v1') return lemonError(404, 'Not found.')
  if (method === 'POST' && kind === 'customers') return store.createCustomer(asked)
  if (method === 'POST' && kind === 'checkouts') return store.createCheckout(asked)
  if (method === 'POST' && verb === 'refund') return store.refund(String(id), asked)
  if (method === 'PATCH') return store.changeSubscription(String(id), (asked['attributes'] ?? {}) as object)
  if (method === 'DELETE')
    return store.changeSubscription(String(id), { status: 'cancelled', cancelled: true })
  if (id !== undefined) return store.read(kind, id)
  return list(store, kind, searchParams)
}

function list(store: Store, kind: string, search: URLSearchParams): LemonAnswer {
  const filters = [...search].flatMap(([name, value]) => {
    const field = /^filter\[(\w+)\]$/.exec(name)?.[1]
    return field === undefined ? [] : [[field, value] as const]
  })
  const found = store
    .all(kind)
    .filter(({ attributes }) => filters.every(([field, value]) => String(attributes[field]) === value))
  const size = Number(search.get('page[size]') ?? 10)
  const start = (Number(search.get('page[number]') ?? 1) - 1) * size
  return [200, { jsonapi: { version: '1.0' }, data: found.slice(start, start + size) }]
}
