import { setTimeout as wait } from 'node:timers/promises'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import { type RemoteServer, readDocument } from './remote-backend.ts'

/** One message of a live channel. */
export interface LiveMessage {
  readonly event: string
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
  readonly at: string
}

/** What is followed and who hears of it. */
export interface FollowOptions {
  readonly module: string
  /** The id of the event to go on after, or `first`; what happens from now on when absent. */
  readonly since?: string
  readonly signal: AbortSignal
  /** Answers whether there is more to hear. */
  readonly onMessage: (message: LiveMessage) => boolean
  /** The connection was lost and is made again. */
  readonly onLost: (reason: string) => void
  /** How long the next attempt waits; grows with the attempts that failed one after the other. */
  readonly pauseMs?: (failures: number) => number
}

type End =
  | { readonly kind: 'refused' }
  | { readonly kind: 'enough' }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }

const closedForGood: Readonly<Record<number, () => Outcome<undefined>>> = {
  1008: () => refuse('permission_denied', 'The server does not tell you about these records'),
  4401: () => refuse('unauthorized', 'The token, session or account is no longer valid'),
  4410: () => refuse('not_found', 'The event to go on after is not kept any more: leave --since out'),
}

const usualPauseMs = (failures: number): number => Math.min(500 * 2 ** (failures - 1), 30_000)

/**
 * Hears what happens to the records of a module, each message once and in order, also over lost connections, until `onMessage` has heard
 * enough or the signal comes. A refusal ends it; so does a server that cannot be reached at the first attempt.
 */
export async function followEvents(
  server: RemoteServer,
  options: FollowOptions,
): Promise<Outcome<undefined>> {
  const { module, signal, onMessage, onLost, pauseMs = usualPauseMs } = options
  const path = `/ws/${encodeURIComponent(module)}`
  let { since } = options
  let wasOpen = false
  for (let failures = 0; !signal.aborted; ) {
    const end = await listen(server, since === undefined ? path : `${path}?since=${since}`, signal, {
      opened() {
        wasOpen = true
        failures = 0
      },
      told(message) {
        since = message.id
        return onMessage(message)
      },
    })
    if (end.kind === 'enough') break
    if (end.kind === 'closed') {
      const final = closedForGood[end.code]
      if (final !== undefined) return final()
      onLost(end.reason === '' ? `code ${end.code}` : end.reason)
    } else {
      const why = await refusalOf(server, path, wasOpen)
      if (why !== undefined) return why
    }
    failures += 1
    await wait(pauseMs(failures), undefined, { signal }).catch(() => undefined)
  }
  return accept(undefined)
}

/** Why a server does not open a live connection: it says so to a plain request. Undefined when it is worth another attempt. */
async function refusalOf(
  server: RemoteServer,
  path: string,
  wasOpen: boolean,
): Promise<Outcome<undefined> | undefined> {
  try {
    const told = await readDocument(server, path)
    if (!told.ok && told.code !== 'upgrade_required') return told
    return wasOpen ? undefined : refuse('permission_denied', 'The server does not open a live connection')
  } catch (error) {
    // A server that was there a moment ago starts anew, perhaps.
    if (!wasOpen) throw error
    return undefined
  }
}

function listen(
  server: RemoteServer,
  path: string,
  signal: AbortSignal,
  hear: { opened(): void; told(message: LiveMessage): boolean },
): Promise<End> {
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws').replace(/\/+$/, '')}${path}`, [
    'apigate',
    `bearer.${server.token}`,
  ])
  return new Promise((resolve) => {
    let end: End = { kind: 'refused' }
    const stop = (): void => {
      end = { kind: 'enough' }
      socket.close()
    }
    signal.addEventListener('abort', stop, { once: true })
    socket.addEventListener('open', () => {
      end = { kind: 'closed', code: 1006, reason: 'the connection broke' }
      hear.opened()
    })
    socket.addEventListener('message', ({ data }) => {
      if (end.kind !== 'enough' && !hear.told(JSON.parse(String(data)) as LiveMessage)) stop()
    })
    // An error is always followed by a close, which says what is to be done.
    socket.addEventListener('error', () => undefined)
    socket.addEventListener('close', ({ code, reason }) => {
      signal.removeEventListener('abort', stop)
      resolve(end.kind === 'closed' ? { kind: 'closed', code, reason } : end)
    })
  })
}
