import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { UserRow } from '#contract/rows.gen.ts'
import type { Identity } from '#ports/identity-client.ts'
import type { Ids } from '#ports/ids.ts'
import type { Records } from '#ports/records.ts'
import type { SignInThrottle } from '../../identity/sign-in-throttle.ts'
import { tooOften } from '../attempts.ts'
import type { AuthenticatedPerson, OpenedSession, Origin } from '../person.ts'
import type { CheckSecondFactor } from '../sign-in-person.ts'
import type { Connection, Connections } from './connection.ts'
import type { Enter } from './enter.ts'
import { findAccount } from './find-account.ts'
import type { LinkAccount } from './link-account.ts'
import type { FactorTicket, JourneyTicket, Tickets } from './ticket.ts'

/** A sign-in that begins: where the browser goes, and what it keeps for us meanwhile. */
export interface Departure {
  readonly url: string
  readonly ticket: string
}

/** What became of a sign-in that came back. */
export type Arrival =
  | { readonly kind: 'in'; readonly opened: OpenedSession; readonly returnTo: string }
  | { readonly kind: 'linked'; readonly returnTo: string }
  | { readonly kind: 'factor'; readonly ticket: string; readonly returnTo: string }

/** Signing in with an account elsewhere, in its two halves, and the second factor after them. */
export interface SignInElsewhere {
  begin(slug: string, returnTo: string, link?: AuthenticatedPerson): Promise<Outcome<Departure>>
  /** `search` is the query of the callback as it came, `ticket` what the browser kept. */
  finish(slug: string, search: string, ticket: string, origin: Origin): Promise<Outcome<Arrival>>
  complete(ticket: string, code: string | undefined, origin: Origin): Promise<Outcome<Arrival>>
}

const stale = refuse(
  'sign_in_failed',
  'The sign-in was not begun in this browser, is over, or was used already: start again',
)
const noAddress = refuse(
  'service_unavailable',
  'The setting portal.base_url is missing: nobody could be sent back here',
)

/** The address that a provider sends browsers back to: every connection has its own, so that no provider can pass for another. */
const callbackPath = (slug: string): string => `/api/v1/auth/oauth/${encodeURIComponent(slug)}/callback`

/** State, nonce and code verifier are made for each sign-in and travel in the ticket, which belongs to one browser. */
export function createSignInElsewhere(deps: {
  readonly records: Records
  readonly connections: Connections
  readonly tickets: Tickets
  readonly enter: Enter
  readonly link: LinkAccount
  readonly secondFactor: CheckSecondFactor
  readonly throttle: SignInThrottle
  readonly ids: Ids
  /** Where the instance is reached; empty where nobody has said it. */
  readonly baseUrl: () => Promise<string>
}): SignInElsewhere {
  const { records, connections, tickets, ids } = deps

  const enter = async (
    connection: Connection,
    identity: Identity,
    returnTo: string,
    origin: Origin,
    mayEnter: (user: UserRow) => Promise<Outcome<'passed' | FactorTicket>>,
  ): Promise<Outcome<Arrival>> => {
    const account = await findAccount(records, connection, identity)
    if (!account.ok) return account
    const factor = account.value.kind === 'new' ? accept('passed') : await mayEnter(account.value.user)
    if (!factor.ok) return factor
    if (factor.value !== 'passed')
      return accept({ kind: 'factor', ticket: tickets.seal(factor.value as FactorTicket), returnTo })
    const opened = await deps.enter(connection, identity, account.value, origin)
    return opened.ok ? accept({ kind: 'in', opened: opened.value, returnTo }) : changed(opened)
  }

  return {
    async begin(slug, returnTo, person) {
      const base = await deps.baseUrl()
      if (base === '') return noAddress
      const connection = await connections.find(slug)
      if (!connection.ok) return connection
      const request = {
        redirectUri: base + callbackPath(slug),
        state: ids.randomHex(32),
        nonce: ids.randomHex(32),
        codeVerifier: ids.randomHex(32),
      }
      const url = await connection.value.authorize(request)
      if (!url.ok) return url
      const link = person && { userId: person.userId, sessionId: person.credential.id }
      const ticket = tickets.seal({ kind: 'journey', slug, request, returnTo, link })
      return accept({ url: url.value, ticket })
    },

    async finish(slug, search, sealed, origin) {
      const ticket = tickets.open(sealed)
      if (ticket?.kind !== 'journey' || ticket.slug !== slug) return stale
      const connection = await connections.find(slug)
      if (!connection.ok) return connection
      const identity = await connection.value.identify(ticket.request.redirectUri + search, ticket.request)
      if (!identity.ok) return identity
      const { returnTo, link } = ticket as JourneyTicket
      if (link !== undefined) {
        const refusal = await deps.link(connection.value, identity.value, link, origin.requestId)
        return refusal ?? accept({ kind: 'linked', returnTo })
      }
      return enter(connection.value, identity.value, returnTo, origin, async (user) =>
        accept(
          user.totp_enabled_at === null
            ? 'passed'
            : { kind: 'factor', slug, userId: user.id, identity: identity.value, returnTo },
        ),
      )
    },

    async complete(sealed, code, origin) {
      const ticket = tickets.open(sealed)
      if (ticket?.kind !== 'factor') return stale
      const connection = await connections.find(ticket.slug)
      if (!connection.ok) return connection
      return enter(connection.value, ticket.identity, ticket.returnTo, origin, async (user) => {
        if (user.id !== ticket.userId) return stale
        const waitMs = deps.throttle.take(user.email, origin.address)
        if (waitMs > 0) return tooOften('Too many attempts to sign in', waitMs)
        const passed = await deps.secondFactor(user, code, origin.requestId)
        if (passed.ok) deps.throttle.succeeded(user.email, origin.address)
        return passed
      })
    },
  }
}

/** Of two who come for the same account at once, the second finds it made already. */
const changed = (refusal: Refusal): Refusal =>
  refusal.code === 'conflict'
    ? refuse('sign_in_failed', 'The account has changed meanwhile: start again')
    : refusal
