import type { IncomingMessage, ServerResponse } from 'node:http'
import { relayHeader, relayValue } from './relay-header.ts'

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

/** The headers of a request for the main thread, a flat list: as they came, without those of the connection, and with who asks. */
export function relayedHeaders(incoming: IncomingMessage, secret: string): string[] {
  const headers = without(incoming.rawHeaders, ownOfRequest)
  if (incoming.httpVersionMajor > 1) {
    const { host, ':authority': authority, 'content-length': length } = incoming.headers
    if (host === undefined && typeof authority === 'string') headers.push('Host', authority)
    // There a body needs no length and no coding to be one; here it would be read as the next request.
    if (length === undefined) headers.push('Transfer-Encoding', 'chunked')
  }
  return [...headers, relayHeader, relayValue(secret, incoming)]
}

/** Gives an answer the headers of the main thread's, those that come several times too. */
export function setHeaders(outgoing: ServerResponse, { rawHeaders }: IncomingMessage): void {
  const kept = without(rawHeaders, ownOfAnswer)
  const values = new Map<string, string[]>()
  for (let index = 0; index < kept.length; index += 2) {
    const name = kept[index] ?? ''
    values.set(name, [...(values.get(name) ?? []), kept[index + 1] ?? ''])
  }
  for (const [name, all] of values) outgoing.setHeader(name, all.length === 1 ? (all[0] ?? '') : all)
}

/** A flat list without some names, and without what only HTTP/2 has. */
function without(rawHeaders: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!name.startsWith(':') && !names.has(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '')
  }
  return kept
}
