import { type ClientRequest, type IncomingMessage, request as open, type ServerResponse } from 'node:http'
import { errorBody, statusOf } from '#contract/envelope.ts'
import { refuse } from '#contract/outcome.ts'
import { securityHeaders } from '#contract/security-headers.ts'
import type { ControlHandler } from '#gateway/server.ts'
import type { RelayAddress } from './messages.ts'
import { relayHeader, relayValue } from './relay-header.ts'
import { createUpgradeRelay } from './relay-upgrade.ts'

/** What concerns one connection and not the request, and what this side has answered itself. */
const ownOfRequest = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'upgrade',
  relayHeader,
])
const ownOfAnswer = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/**
 * Answers requests of the control plane by asking the main thread, on a private socket of this process and one connection for each:
 * who asks is told in a header, and nothing is kept that could be taken for somebody else's. How long a request may take is the main
 * thread's business, which is alive as long as this one is.
 */
export function createRelay(address: RelayAddress, newRequestId: () => string): ControlHandler {
  const fail = (
    outgoing: ServerResponse,
    code: 'invalid_request' | 'service_unavailable',
    message: string,
  ) => {
    const refusal = refuse(code, message)
    const requestId = newRequestId()
    outgoing.shouldKeepAlive = false
    for (const [name, value] of securityHeaders) outgoing.setHeader(name, value)
    outgoing.writeHead(statusOf(refusal), {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': requestId,
    })
    outgoing.end(JSON.stringify(errorBody(refusal, requestId)))
  }

  const relay = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    let relayed: ClientRequest
    try {
      relayed = open({
        socketPath: address.path,
        agent: false,
        setHost: false,
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        headers: [
          ...without(incoming.rawHeaders, ownOfRequest),
          ...hostOf(incoming),
          relayHeader,
          relayValue(address.secret, incoming),
        ],
      })
    } catch {
      // A head that may not be sent on as it came.
      fail(outgoing, 'invalid_request', 'The request is malformed')
      return
    }
    relayed.on('response', (answer) => {
      pass(incoming, answer, outgoing)
      answer.on('end', () => {
        incoming.unpipe(relayed)
        incoming.resume()
      })
    })
    relayed.on('error', () => {
      if (!outgoing.headersSent && !outgoing.destroyed)
        fail(outgoing, 'service_unavailable', 'The control plane cannot be reached')
    })
    outgoing.on('close', () => relayed.destroy())
    incoming.pipe(relayed)
  }
  return Object.assign(relay, { upgrade: createUpgradeRelay(address) })
}

function without(rawHeaders: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!name.startsWith(':') && !names.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '')
  }
  return kept
}

/** HTTP/2 tells the host in a field that HTTP/1.1 does not have. */
function hostOf({ headers }: IncomingMessage): string[] {
  const authority = headers[':authority']
  return typeof authority === 'string' && headers.host === undefined ? ['host', authority] : []
}

function pass(incoming: IncomingMessage, answer: IncomingMessage, outgoing: ServerResponse): void {
  // An answer to what is still being sent ends the connection: nobody reads the rest.
  if (!incoming.complete) outgoing.shouldKeepAlive = false
  answer.on('error', () => outgoing.destroy())
  outgoing.sendDate = false
  const headers = without(answer.rawHeaders, ownOfAnswer)
  const status = answer.statusCode ?? 502
  if (incoming.httpVersionMajor > 1) outgoing.writeHead(status, headers)
  else outgoing.writeHead(status, answer.statusMessage, headers)
  answer.pipe(outgoing)
}
