import { createHmac } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { Clock } from '#ports/clock.ts'
import { createPaddleAccount, type PaddleAnswer, paddleError, type Values } from './paddle-account.ts'
import { startUpstream } from './upstream.ts'

/** The key that the double takes, and what it signs with. */
export const paddleKey = 'pdl_live_apikey_of-the-double'
export const paddleSecret = 'pdl_ntfset_of-the-double'

/** The value of a `Paddle-Signature` header. */
export function paddleSignature(raw: string, nowMs: number, secret = paddleSecret): string {
  const seconds = Math.floor(nowMs / 1000)
  return `ts=${seconds};h1=${createHmac('sha256', secret).update(`${seconds}:${raw}`).digest('hex')}`
}

/** A message of the double before it is sent; it can be sent late, twice, in any order, or never. */
export interface PaddleMessage {
  readonly type: string
  readonly raw: string
}

type Account = ReturnType<typeof createPaddleAccount>
const kinds = ['customers', 'products', 'prices', 'transactions', 'subscriptions', 'adjustments'] as const
type Kind = (typeof kinds)[number]

/** Starts the part of Paddle that payments go through, on loopback. */
export async function startPaddle(clock: Clock) {
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  let isLost = false
  const messages: PaddleMessage[] = []
  const tell = (type: string, data: object): void => {
    const id = String(messages.length + 1).padStart(26, '0')
    const occurred_at = new Date(clock.now()).toISOString()
    const event = { event_id: `evt_${id}`, event_type: type, occurred_at, notification_id: `ntf_${id}`, data }
    messages.push({ type, raw: JSON.stringify(event) })
  }
  const account = createPaddleAccount({ clock, tell })
  upstream.answer((_request, response, { method, url, headers, body }) => {
    const asked = body === '' ? {} : (JSON.parse(body) as Values)
    const [status, content] =
      headers.authorization === `Bearer ${paddleKey}`
        ? answer(account, method, new URL(url, upstream.url), asked)
        : paddleError(403, 'forbidden', 'the key is not known')
    if (isLost && method === 'POST') {
      isLost = false
      response.writeHead(502)
      response.end()
      return
    }
    response.writeHead(status, { 'content-type': 'application/json' })
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
    /** What Paddle does with the customer's country, and with refunds. */
    account: account.account,
    /** What a customer does on a page. */
    pay: account.pay,
    approve: account.approve,
    contest: account.contest,
    reverse: account.reverse,
    transactions: account.transactions,
    subscriptions: account.subscriptions,
    message: (type: string): PaddleMessage => {
      const found = messages.findLast((message) => message.type === type)
      if (found === undefined) throw new Error(`the double has told of no ${type}`)
      return found
    },
  }
}

function answer(
  account: Account,
  method: string,
  { pathname, searchParams, origin }: URL,
  asked: Values,
): PaddleAnswer {
  const [, kind = '', id, verb] = pathname.split('/')
  if (!(kinds as readonly string[]).includes(kind)) return paddleError(404, 'not_found', 'no such address')
  if (method === 'POST' && id === undefined)
    return account.post[kind]?.(asked) ?? paddleError(404, 'not_found', '')
  if (method === 'POST' && verb === 'portal-sessions') return account.portal(String(id))
  if (method === 'POST' && verb === 'cancel') return account.cancel(String(id), asked)
  if (method === 'PATCH' && kind === 'prices') return account.setPrice(String(id), asked)
  if (method === 'PATCH')
    return kind === 'transactions' ? account.close(String(id), asked) : account.change(String(id), asked)
  if (id !== undefined) return account.read(kind as Kind, id)
  return list(account, kind as Kind, searchParams, origin)
}

/** A list as Paddle cuts it: pages whose next one is named by a whole address. */
function list(account: Account, kind: Kind, search: URLSearchParams, origin: string): PaddleAnswer {
  const { after, per_page, order_by: _order, ...filters } = Object.fromEntries(search)
  const isIn = (row: Values): boolean =>
    Object.entries(filters).every(([name, value]) => {
      const [, field, bound] = /^(\w+_at)\[(GTE|LT)\]$/.exec(name) ?? []
      const at = Date.parse(String(row[field ?? '']))
      if (field !== undefined) return bound === 'GTE' ? at >= Date.parse(value) : at < Date.parse(value)
      return value.split(',').includes(String(row[name]))
    })
  const found = account.all(kind).filter(isIn)
  const start = after === undefined ? 0 : found.findIndex((row) => row['id'] === after) + 1
  const size = Number(per_page ?? 50)
  const data = found.slice(start, start + size)
  const next = new URLSearchParams({
    ...Object.fromEntries(search),
    after: String(data.at(-1)?.['id'] ?? ''),
  })
  const pagination = {
    per_page: size,
    next: `${origin}/${kind}?${next}`,
    has_more: start + size < found.length,
    estimated_total: found.length,
  }
  return [200, { data, meta: { request_id: 'double', pagination } }]
}
