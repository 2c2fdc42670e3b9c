import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Actor } from '#contract/actor.ts'
import { errorBody, statusOf } from '#contract/envelope.ts'
import { accept, type Outcome, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import { securityHeaders, strictTransportSecurity } from '#contract/security-headers.ts'
import { createEventFeed } from '#core/channel/websocket/event-feed.ts'
import { closeCodes } from '#core/channel/websocket/subscription.ts'
import type { Engine } from '#core/engine.ts'
import type { EventPosition } from '#core/runtime/event-position.ts'
import type { Authorize } from '#core/runtime/runtime.ts'
import { addressBlock } from '#domain/address-block.ts'
import type { Ids } from '#ports/ids.ts'
import type { LiveRequests } from '#ports/live-requests.ts'
import type { Log } from '#ports/log.ts'
import type { TooMany } from '../too-many.ts'
import { type LiveLimits, liveLimits, sendWithin } from './listeners.ts'
import { livePaths } from './live-paths.ts'
import { tellRecords } from './tell-records.ts'
import { requestsPath, tellRequests } from './tell-requests.ts'

/** What live connections need. */
export interface LiveDependencies {
  readonly engine: Engine
  readonly eventPosition: EventPosition
  readonly authorize: Authorize
  readonly ids: Ids
  readonly log: Log
  readonly liveRequests: LiveRequests
  readonly live?: Partial<LiveLimits>
  readonly isSecure: (incoming: IncomingMessage) => boolean
  readonly clientAddress: (incoming: IncomingMessage) => string
}

/** The doors of `/ws`. */
export interface Live {
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Tells every client that the server stops. */
  close(): void
}

/** Who listens, and by which credential. */
export interface Listener {
  readonly actor: Actor
  readonly credentialId: string
}

/** Lets a request in by the rule of live connections, and says how to look again who it is. */
export type LiveGuard = (incoming: IncomingMessage) => Promise<
  Outcome<{
    readonly listener: Listener
    readonly again: () => Promise<Outcome<Actor>>
  }>
>

/** A connection as those see it who tell something over it. */
interface Line {
  /** Resolves when there is room for more; false when the client is too slow. */
  send(text: string): Promise<boolean>
  end(code: number, reason: string): void
}

/** Begins to tell a client what it asked for; the returned function ends that. */
export type Begin = (line: Line) => () => void

/** What a client names to carry its token; the other name it offers is what we choose. */
const protocolName = 'apigate'

/** Opens `/ws`; every refusal is an HTTP answer with our error body. */
export function createLive(
  deps: LiveDependencies & { readonly tooMany: TooMany },
  guards: { readonly records: LiveGuard; readonly requests: LiveGuard },
): Live {
  const limits = { ...liveLimits, ...deps.live }
  const modules = livePaths(deps.engine.modules.values())
  const feed = createEventFeed({ engine: deps.engine, log: deps.log })
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 1_024,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(protocolName) ? protocolName : false),
  })
  const count = new Map<string, number>()
  const alive = new WeakSet<WebSocket>()
  const checks = new Map<WebSocket, () => Promise<void>>()

  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate()
      else {
        socket.ping()
        void checks.get(socket)?.()
      }
    }
  }, limits.pingEveryMs)
  timer.unref()

  const admit = async (incoming: IncomingMessage): Promise<Outcome<Admitted>> => {
    const crowded = deps.tooMany(`address ${addressBlock(deps.clientAddress(incoming))}`)
    if (crowded !== undefined) return crowded
    const url = new URL(incoming.url ?? '/', 'http://localhost')
    const isOfRequests = url.pathname === requestsPath
    const known = await guards[isOfRequests ? 'requests' : 'records'](incoming)
    if (!known.ok) return known
    const { listener, again } = known.value
    const busy = 'id' in listener.actor ? deps.tooMany(`principal ${listener.actor.id}`) : undefined
    if (busy !== undefined) return busy
    const credential = listener.credentialId
    if ((count.get(credential) ?? 0) >= limits.mostForOne || server.clients.size >= limits.mostAtAll)
      return refuse('rate_limit_exceeded', 'Too many live connections')
    const begin = isOfRequests ? beginRequests(url, again) : await beginRecords(url, listener, again)
    return begin.ok ? accept({ begin: begin.value, credential, again }) : begin
  }

  const beginRequests = (url: URL, again: Again): Outcome<Begin> => {
    const unknown = [...url.searchParams.keys()]
    if (unknown.length > 0) return refuseUnknown(unknown)
    const failed = (error: unknown): void => deps.log.error({ error }, 'following requests failed')
    return accept(tellRequests({ liveRequests: deps.liveRequests, again, failed }))
  }
  const beginRecords = async (url: URL, { actor }: Listener, again: Again): Promise<Outcome<Begin>> => {
    const module = modules.get(url.pathname)
    if (module === undefined) return refuse('not_found', 'Nothing at this address')
    const list = module.actions.get('list')
    if (list === undefined || deps.authorize(actor, module, list, undefined) === false)
      return refuse('permission_denied', `You may not list ${module.meta.displayPlural}`)
    const unknown = [...url.searchParams.keys()].filter((name) => name !== 'since')
    if (unknown.length > 0) return refuseUnknown(unknown)
    const since = url.searchParams.get('since')
    // Read before the client is answered: what happens from then on reaches it.
    const position = since === null ? await deps.engine.lastSeq() : await deps.eventPosition(since)
    const failed = (error: unknown): void =>
      deps.log.error({ error, module: module.name }, 'a live connection failed')
    return accept(tellRecords({ feed, module, position, again, authorize: deps.authorize, failed }))
  }

  const begin = (socket: WebSocket, { begin: tell, credential, again }: Admitted): void => {
    count.set(credential, (count.get(credential) ?? 0) + 1)
    alive.add(socket)
    const end = (code: number, reason: string): void => socket.close(code, reason)
    const stop = tell({ send: (text) => sendWithin(socket, text, limits), end })
    checks.set(socket, async () => {
      const actor = await again().catch(() => undefined)
      if (actor?.ok === false) end(closeCodes.unauthorized, 'the credential is no longer valid')
    })
    socket.on('pong', () => alive.add(socket))
    socket.on('message', () => end(closeCodes.unexpected, 'nothing is expected from clients'))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      stop()
      checks.delete(socket)
      const left = (count.get(credential) ?? 1) - 1
      if (left === 0) count.delete(credential)
      else count.set(credential, left)
    })
  }

  return {
    upgrade(incoming, socket, head) {
      socket.on('error', () => socket.destroy())
      admit(incoming)
        .then((admitted) => {
          if (!admitted.ok) answerRefusal(socket, admitted, deps.ids.next('req'), deps.isSecure(incoming))
          else server.handleUpgrade(incoming, socket, head, (client) => begin(client, admitted.value))
        })
        .catch((error: unknown) => {
          deps.log.error({ error }, 'a live connection could not be opened')
          answerRefusal(
            socket,
            refuse('internal_error', 'Something failed on our side'),
            deps.ids.next('req'),
            deps.isSecure(incoming),
          )
        })
    },
    close() {
      clearInterval(timer)
      feed.close()
      for (const socket of server.clients) socket.close(closeCodes.stopping, 'the server stops')
    },
  }
}

type Again = () => Promise<Outcome<Actor>>

interface Admitted {
  readonly begin: Begin
  readonly credential: string
  readonly again: Again
}

const refuseUnknown = (names: readonly string[]): Refusal =>
  refuseFields(names.map((field) => ({ field, reason: 'is not a known parameter' })))

function answerRefusal(socket: Duplex, refusal: Refusal, requestId: string, isSecure: boolean): void {
  const headers = isSecure ? [...securityHeaders, strictTransportSecurity] : securityHeaders
  const status = statusOf(refusal)
  const body = JSON.stringify(errorBody(refusal, requestId))
  const wait = refusal.details?.['retry_after']
  const lines = [
    `HTTP/1.1 ${status} ${refusal.code}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    ...headers.map((field) => field.join(': ')),
    `X-Request-Id: ${requestId}`,
    ...(typeof wait === 'number' ? [`Retry-After: ${wait}`] : []),
    ...(status === 401 ? ['WWW-Authenticate: Bearer realm="apigate"'] : []),
    'Connection: close',
  ]
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
