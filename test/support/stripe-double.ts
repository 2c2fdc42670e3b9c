import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Clock } from '#ports/clock.ts'
import { createStripeAccount, type Values } from './stripe-account.ts'
import { startUpstream } from './upstream.ts'

/** The key that the double takes, and what it signs with. */
export const stripeKey = 'sk_test_of-the-double'
export const stripeSecret = 'whsec_of-the-double'

/** A message of the double before it is sent; it can be sent late, twice, in any order, or never. */
export interface StripeMessage {
  readonly type: string
  readonly raw: string
}

/** A form as Stripe reads it: `a[b][0][c]=1`. */
function formOf(body: string): Values {
  const whole: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(body)) {
    const path = name.replaceAll(']', '').split('[')
    const last = path.pop() ?? ''
    let at = whole
    for (const step of path) {
      at[step] ??= {}
      at = at[step] as Record<string, unknown>
    }
    at[last] = value
  }
  return whole
}

/** The value of a `Stripe-Signature` header. */
export function stripeSignature(raw: string, nowMs: number, secret = stripeSecret): string {
  const seconds = Math.floor(nowMs / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${raw}`).digest('hex')}`
}

/** Starts the part of Stripe that payments go through: forms in, its published objects out, its errors, its idempotency. Ends with the test unless told otherwise. */
export async function startStripe(clock: Clock, atEnd: (end: () => Promise<void>) => void = onTestFinished) {
  const upstream = await startUpstream()
  atEnd(upstream.close)
  const messages: StripeMessage[] = []
  let watching: (request: { readonly method: string; readonly key: string }) => void = () => undefined
  let isLosing = false
  const kept = new Map<string, { fingerprint: string; status: number; content: unknown }>()
  const account = createStripeAccount({
    clock,
    tell(type, object) {
      const id = `evt_double_${messages.length + 1}`
      const created = Math.floor(clock.now() / 1000)
      const event = { id, object: 'event', api_version: '2026-10-28.endive', created, data: { object } }
      const more = {
        livemode: false,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: null },
        type,
      }
      messages.push({ type, raw: JSON.stringify({ ...event, ...more }, undefined, 2) })
    },
  })
  upstream.answer((_request, response, { method, url, headers, body }) => {
    if (headers.authorization !== `Bearer ${stripeKey}`)
      return send(response, 401, { error: { type: 'invalid_request_error', message: 'Invalid API Key' } })
    const key = headers['idempotency-key']
    const fingerprint = `${method} ${url} ${body}`
    const before = typeof key === 'string' ? kept.get(key) : undefined
    if (before !== undefined && before.fingerprint !== fingerprint) {
      const message = 'Keys for idempotent requests can only be used with the same parameters'
      return send(response, 400, { error: { type: 'idempotency_error', message } })
    }
    if (before !== undefined)
      return isLosing ? response.destroy() : send(response, before.status, before.content)
    const { pathname, searchParams } = new URL(url, upstream.url)
    const asked = formOf(method === 'GET' ? searchParams.toString() : body)
    const { status, content } = account.answer(method, pathname, asked)
    if (typeof key === 'string') kept.set(key, { fingerprint, status, content })
    watching({ method, key: String(key ?? `${method} ${url}`) })
    if (isLosing && method === 'POST') return response.destroy()
    send(response, status, content)
  })
  return {
    /** Hears of every request that is done, before it is answered. */
    watch(listener: typeof watching): void {
      watching = listener
    },
    url: upstream.url,
    upstream,
    messages,
    /** What a customer does on a page. */
    pay: account.pay,
    expire: account.expire,
    cardsOf: account.cardsOf,
    leaveCard: account.leaveCard,
    /** Does what it is asked for, and lets nobody hear of it. */
    loseAnswers(isLost: boolean): void {
      isLosing = isLost
    },
    /** Forgets idempotency keys, as Stripe does after a day. */
    forgetKeys: (): void => kept.clear(),
    decline: account.decline,
    keepPagesOpen: account.keepPagesOpen,
    dispute: account.dispute,
    closeDispute: account.closeDispute,
    forget: account.forget,
    refundAtDesk: account.refundAtDesk,
    object: account.object,
    message: (type: string): StripeMessage => {
      const found = messages.findLast((one) => one.type === type)
      if (found === undefined) throw new Error(`the double has told of no ${type}`)
      return found
    },
    tell: account.tell,
  }
}

function send(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_double' })
  response.end(JSON.stringify(content))
}
