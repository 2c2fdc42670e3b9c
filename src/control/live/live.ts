import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Actor } from '#contract/actor.ts'
import { errorBody, statusOf } from '#contract/envelope.ts'
import type { DomainEvent } from '#contract/events.ts'
import { accept, type Outcome, type Refusal, refuse, refuseFields } from '#contract/outcome.ts'
import { securityHeaders, strictTransportSecurity } from '#contract/security-headers.ts'
import { createEventFeed } from '#core/channel/websocket/event-feed.ts'
import { closeCodes, startSubscription } from '#core/channel/websocket/subscription.ts'
import type { Engine } from '#core/engine.ts'
import type { EventPosition } from '#core/runtime/event-position.ts'
import type { Authorize } from '#core/runtime/runtime.ts'
import type { Module } from '#core/schema/module.ts'
import { addressBlock } from '#domain/address-block.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import type { TooMany } from '../too-many.ts'
import { type LiveLimits, liveLimits, sendWithin } from './listeners.ts'
import { livePaths } from './live-paths.ts'

/** What live connections need. */
export interface LiveDependencies {
  readonly engine: Engine
  readonly eventPosition: EventPosition
  readonly authorize: Authorize
  readonly ids: Ids
  readonly log: Log
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

const identityModules = new Set([
  'membership',
  'operator',
  'operator_token',
  'organization',
  'session',
  'user',
  'user_session',
])
const concernsIdentity = ({ module }: DomainEvent): boolean => identityModules.has(module)
/** What a client names to carry its token; the other name it offers is what we choose. */
const protocolName = 'apigate'

/** Opens `/ws`; every refusal is an HTTP answer with our error body. */
export function createLive(deps: LiveDependencies & { readonly tooMany: TooMany }, guard: LiveGuard): Live {
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
    const known = await guard(incoming)
    if (!known.ok) return known
    const { listener, again } = known.value
    const busy = 'id' in listener.actor ? deps.tooMany(`principal ${listener.actor.id}`) : undefined
    if (busy !== undefined) return busy
    const module = modules.get(url.pathname)
    if (module === undefined) return refuse('not_found', 'Nothing at this address')
    const list = module.actions.get('list')
    if (list === undefined || deps.authorize(listener.actor, module, list, undefined) === false)
      return refuse('permission_denied', `You may not list ${module.meta.displayPlural}`)
    const unknown = [...url.searchParams.keys()].find((name) => name !== 'since')
    if (unknown !== undefined) return refuseFields([{ field: unknown, reason: 'is not a known parameter' }])
    const credential = listener.credentialId
    if ((count.get(credential) ?? 0) >= limits.mostForOne || server.clients.size >= limits.mostAtAll)
      return refuse('rate_limit_exceeded', 'Too many live connections')
    const since = url.searchParams.get('since')
    // Read before the client is answered: what happens from then on reaches it.
    const position = since === null ? await deps.engine.lastSeq() : await deps.eventPosition(since)
    return accept({ module, credential, again, position })
  }

  const begin = (socket: WebSocket, { module, credential, again, position }: Admitted): void => {
    count.set(credential, (count.get(credential) ?? 0) + 1)
    alive.add(socket)
    const end = (code: number, reason: string): void => socket.close(code, reason)
    const stop =
      position === undefined
        ? () => undefined
        : startSubscription({
            feed,
            module,
            position,
            identify: again,
            authorize: deps.authorize,
            concernsIdentity,
            send: (text) => sendWithin(socket, text, limits),
            end,
            failed: (error) => deps.log.error({ error, module: module.name }, 'a live connection failed'),
          })
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
    if (position === undefined) end(closeCodes.gone, 'the event of since is not kept: read the records again')
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

interface Admitted {
  readonly module: Module
  readonly credential: string
  readonly again: () => Promise<Outcome<Actor>>
  /** Undefined where the event to go on from is not kept. */
  readonly position: number | undefined
}

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
