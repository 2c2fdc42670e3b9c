import { type ClientRequest, type IncomingMessage, request as open, type ServerResponse } from 'node:http'
import { errorBody, statusOf } from '#contract/envelope.ts'
import { type Refusal, refuse } from '#contract/outcome.ts'
import { securityHeaders, strictTransportSecurity } from '#contract/security-headers.ts'
import type { ControlHandler } from '#gateway/server.ts'
import type { RelayAddress } from './messages.ts'
import { relayedHeaders, setHeaders } from './relay-headers.ts'
import { createUpgradeRelay } from './relay-upgrade.ts'

const unreachable = refuse('service_unavailable', 'The control plane cannot be reached')
const malformed = refuse('invalid_request', 'The request is malformed')

/**
 * Answers requests of the control plane by asking the main thread, on a private socket of this process and one connection for each:
 * who asks is told in a header, and nothing is kept that could be taken for somebody else's. How long a request may take is the main
 * thread's business, which is alive as long as this one is.
 */
export function createRelay(address: RelayAddress, newRequestId: () => string): ControlHandler {
  function relay(incoming: IncomingMessage, outgoing: ServerResponse): void {
    let relayed: ClientRequest
    try {
      relayed = open({
        socketPath: address.path,
        agent: false,
        setHost: false,
        method: incoming.method ?? 'GET',
        path: incoming.url ?? '/',
        headers: relayedHeaders(incoming, address.secret),
      })
    } catch {
      // A head that may not be sent on as it came.
      answerRefusal(outgoing, malformed, newRequestId())
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
      if (!outgoing.headersSent && !outgoing.destroyed) answerRefusal(outgoing, unreachable, newRequestId())
    })
    outgoing.on('close', () => relayed.destroy())
    incoming.pipe(relayed)
  }
  return Object.assign(relay, { upgrade: createUpgradeRelay(address) })
}

function pass(incoming: IncomingMessage, answer: IncomingMessage, outgoing: ServerResponse): void {
  // An answer to what is still being sent ends the connection: nobody reads the rest.
  if (!incoming.complete) outgoing.shouldKeepAlive = false
  answer.on('error', () => outgoing.destroy())
  outgoing.sendDate = false
  setHeaders(outgoing, answer)
  const { statusCode = 502, statusMessage } = answer
  // HTTP/2 has no words for a status.
  if (incoming.httpVersionMajor > 1) outgoing.writeHead(statusCode)
  else outgoing.writeHead(statusCode, statusMessage)
  answer.pipe(outgoing)
}

function answerRefusal(outgoing: ServerResponse, refusal: Refusal, requestId: string): void {
  outgoing.shouldKeepAlive = false
  for (const [name, value] of securityHeaders) outgoing.setHeader(name, value)
  if ('encrypted' in outgoing.req.socket) outgoing.setHeader(...strictTransportSecurity)
  outgoing.writeHead(statusOf(refusal), {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  })
  outgoing.end(JSON.stringify(errorBody(refusal, requestId)))
}
