import type { IncomingMessage } from 'node:http'
import { accept, refuse } from '#contract/outcome.ts'
import type { Who } from '#domain/access/rules.ts'
import type { Guard } from '../guard.ts'
import type { LiveGuard } from './live.ts'

const bearerProtocol = /(?:^|,)\s*bearer\.([A-Za-z0-9_-]+)\s*(?:,|$)/

/** Lets upgrades in by a rule: the header, a cookie from one of our own pages, or the token among the protocols that a browser offers. */
export function createLiveGuard(guard: Guard, who: Who): LiveGuard {
  return async (incoming) => {
    const request = requestOf(incoming)
    const operator = await guard(who, request, incoming)
    if (!operator.ok) return operator
    if (operator.value === undefined) return refuse('unauthorized', 'An operator is needed')
    const again = async () => {
      const now = await guard(who, request, incoming)
      if (!now.ok) return now
      return accept(now.value?.actor ?? { kind: 'anonymous' as const })
    }
    return accept({ operator: operator.value, again })
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
