import type { IncomingMessage } from 'node:http'
import type { AccountView, OpenedSession, Origin } from '#app/account/person.ts'
import type { Clock } from '#ports/clock.ts'
import type { ControlRequest } from '../route-table.ts'
import { sessionCookieHeader } from '../session-cookie.ts'

/** What the answers of accounts need to know of a connection. */
export interface Surroundings {
  readonly clock: Clock
  readonly isSecure: (incoming: IncomingMessage) => boolean
  readonly clientAddress: (incoming: IncomingMessage) => string
}

/** Where a request comes from, for sessions and throttles. */
export const originOf = (deps: Surroundings, { incoming, request, requestId }: ControlRequest): Origin => ({
  address: deps.clientAddress(incoming),
  userAgent: request.headers.get('user-agent') ?? '',
  requestId,
})

/** A person and their organization, as answers show them. */
export function accountData({ user, organization, role, planName }: AccountView) {
  return {
    user: {
      id: user.id,
      organization_id: organization?.id ?? null,
      email: user.email,
      full_name: user.name,
      role: role ?? null,
      status: user.status,
      email_verified: user.email_verified_at !== null,
      email_verified_at: user.email_verified_at,
      two_factor_enabled: user.totp_enabled_at !== null,
      created_at: user.created_at,
    },
    organization:
      organization === undefined
        ? null
        : {
            id: organization.id,
            name: organization.name,
            slug: organization.slug,
            email: organization.email,
            plan: planName ?? null,
            status: organization.status,
            created_at: organization.created_at,
          },
  }
}

/** The header that gives a browser its new session. */
export function cookieFor(
  deps: Surroundings,
  incoming: IncomingMessage,
  { cookie, session }: OpenedSession,
): Record<string, string> {
  const maxAgeSeconds = Math.floor((Date.parse(session.expires_at) - deps.clock.now()) / 1000)
  const isSecure = deps.isSecure(incoming)
  return { 'set-cookie': sessionCookieHeader('person', cookie, { maxAgeSeconds, isSecure }) }
}

/** The header that takes a browser's session away. */
export const cookieGone = (deps: Surroundings, incoming: IncomingMessage): Record<string, string> => ({
  'set-cookie': sessionCookieHeader('person', '', { maxAgeSeconds: 0, isSecure: deps.isSecure(incoming) }),
})
