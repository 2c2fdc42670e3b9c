import type { IncomingMessage } from 'node:http'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Who } from '#domain/access/rules.ts'
import type { Guard } from '../guard.ts'
import type { Listener, LiveGuard } from './live.ts'

const bearerProtocol = /(?:^|,)\s*bearer\.([A-Za-z0-9_.-]+)\s*(?:,|$)/

/** Lets upgrades in by a rule: the header, a cookie from one of our own pages, or the token among the protocols that a browser offers. */
export function createLiveGuard(guard: Guard, who: Who): LiveGuard {
  return async (incoming) => {
    const request = requestOf(incoming)
    const listenerOf = async (): Promise<Outcome<Listener>> => {
      const known = await guard(who, request, incoming)
      if (!known.ok) return known
      const one = known.value?.kind === 'person' ? known.value.person : known.value?.operator
      if (one?.actor === undefined) return refuse('unauthorized', 'An operator or a member is needed')
      return accept({ actor: one.actor, credentialId: one.credential.id })
    }
    const listener = await listenerOf()
    if (!listener.ok) return listener
    const again = async () => {
      const now = await listenerOf()
      return now.ok ? accept(now.value.actor) : now
    }
    return accept({ listener: listener.value, again })
  }
}

/** The request as something that changes: any page may open a WebSocket with the cookies of a browser, so that its origin has to count. */
function requestOf(incoming: IncomingMessage): Request {
  const headers = new Headers()
  for (const name of ['authorization', 'cookie', 'origin', 'sec-fetch-site', 'host']) {
    const value = incoming.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const token = bearerProtocol.exec(incoming.headers['sec-websocket-protocol'] ?? '')?.[1]
  if (token !== undefined && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`)
  return new Request('http://localhost/', { method: 'POST', headers })
}
