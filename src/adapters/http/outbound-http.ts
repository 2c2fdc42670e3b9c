import { lookup as systemLookup } from 'node:dns'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { OutboundAnswer, OutboundFailure, OutboundHttp, OutboundRequest } from '#ports/outbound-http.ts'
import { isPrivateAddress, isPrivateHost } from './private-address.ts'

type Result = Awaited<ReturnType<OutboundHttp>>

const mostRedirects = 3
const refusedAddress = 'RefusedAddress'

const failed = (kind: OutboundFailure['kind'], reason: string, wasSent: boolean): Result => ({
  ok: false,
  failure: { kind, reason, wasSent },
})

/** Looks a name up and lets no private address through: the check is on the very address that is connected to. */
function guardedLookup(lookup: typeof systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const open = error === null ? addresses.filter(({ address }) => !isPrivateAddress(address)) : []
      const [first] = open
      if (error === null && first === undefined) {
        const refused = Object.assign(new Error('only private addresses'), { code: refusedAddress })
        callback(refused, '', 0)
      } else if (options.all === true) callback(error, open as never, 0)
      else callback(error, first?.address ?? '', first?.family ?? 0)
    })
  }
}

function reasonOf(error: Error & { code?: string }): string {
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return 'cannot be found by its name'
  if (error.code === 'ECONNREFUSED') return 'does not accept connections'
  if (error.code !== undefined && /CERT|TLS|SSL/.test(error.code))
    return `has no valid certificate (${error.code})`
  return `cannot be reached (${error.code ?? error.name})`
}

function headersOf(message: IncomingMessage): Readonly<Record<string, string>> {
  const entries = Object.entries(message.headersDistinct).map(
    ([name, values]) => [name, (values ?? []).join(', ')] as const,
  )
  return Object.fromEntries(entries)
}

function sendOnce(given: OutboundRequest, deadline: AbortSignal, lookup: LookupFunction): Promise<Result> {
  const { url } = given
  if (!given.allowsPrivate && isPrivateHost(url.hostname))
    return Promise.resolve(
      failed('refused_address', 'is a private address, which this provider may not reach', false),
    )
  return new Promise((resolve) => {
    let wasSent = false
    const fail = (error: Error & { code?: string }): void => {
      if (error.code === refusedAddress)
        resolve(failed('refused_address', 'is a private address, which this provider may not reach', false))
      else if (given.signal?.aborted === true) resolve(failed('aborted', 'was not waited for', wasSent))
      else if (deadline.aborted)
        resolve(failed('timeout', `did not answer within ${given.timeoutMs} ms`, wasSent))
      else resolve(failed('connection', reasonOf(error), wasSent))
    }
    const isTls = url.protocol === 'https:'
    const send = isTls ? httpsRequest : httpRequest
    const outgoing: ClientRequest = send(
      url,
      {
        method: given.method,
        headers: { 'user-agent': 'apigate', ...given.headers, 'accept-encoding': 'identity' },
        signal: deadline,
        agent: false,
        ...(given.allowsPrivate ? {} : { lookup }),
      },
      (message) => collect(message, given.mostResponseBytes).then(resolve, fail),
    )
    // Until the connection stands, nothing of the request can have arrived anywhere.
    outgoing.once('socket', (socket) =>
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        wasSent = true
      }),
    )
    outgoing.on('error', fail)
    outgoing.end(given.body)
  })
}

async function collect(message: IncomingMessage, mostBytes: number): Promise<Result> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length
    if (size > mostBytes) {
      message.destroy()
      return failed('too_large', `answered with more than ${mostBytes} bytes`, true)
    }
    parts.push(part)
  }
  const answer = { status: message.statusCode ?? 0, headers: headersOf(message), body: Buffer.concat(parts) }
  return { ok: true, answer }
}

function redirectTarget(answer: OutboundAnswer, from: URL): URL | undefined {
  const location = answer.headers['location']
  const isRedirect = [301, 302, 303, 307, 308].includes(answer.status)
  if (!isRedirect || location === undefined || !URL.canParse(location, from.href)) return undefined
  return new URL(location, from)
}

/** The product's client for servers that it does not know; `lookup` is the system's own unless given. */
export function createOutboundHttp(parts: { readonly lookup?: typeof systemLookup } = {}): OutboundHttp {
  const lookup = guardedLookup(parts.lookup ?? systemLookup)
  return async (given) => {
    const timeout = AbortSignal.timeout(given.timeoutMs)
    const deadline = given.signal === undefined ? timeout : AbortSignal.any([timeout, given.signal])
    let { url } = given
    for (let redirects = 0; ; redirects++) {
      const result = await sendOnce({ ...given, url }, deadline, lookup)
      const target = result.ok ? redirectTarget(result.answer, url) : undefined
      if (target === undefined) return result
      const isSafe = given.method === 'GET' || given.method === 'HEAD'
      if (target.origin !== url.origin) return failed('redirect', 'redirects to another host', true)
      if (!isSafe || redirects === mostRedirects)
        return failed('redirect', 'redirects and was not followed', true)
      url = target
    }
  }
}
