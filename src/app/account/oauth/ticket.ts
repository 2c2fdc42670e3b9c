import type { Cipher } from '#ports/cipher.ts'
import type { Clock } from '#ports/clock.ts'
import type { Identity, IdentityRequest } from '#ports/identity-client.ts'

/** A sign-in that is on its way to a provider and back. */
export interface JourneyTicket {
  readonly kind: 'journey'
  readonly slug: string
  readonly request: IdentityRequest
  readonly returnTo: string
  /** Set where somebody who is signed in links an account: the session that wished it. */
  readonly link: { readonly userId: string; readonly sessionId: string } | undefined
}

/** A sign-in that is back and waits for a code of the second factor. */
export interface FactorTicket {
  readonly kind: 'factor'
  readonly slug: string
  readonly userId: string
  readonly identity: Identity
  readonly returnTo: string
}

/** What a browser keeps for us between two requests, sealed: it can neither be read nor made nor used for long. */
export interface Tickets {
  seal(ticket: JourneyTicket | FactorTicket): string
  /** Undefined for everything that we have not sealed, and for what is over. */
  open(text: string): JourneyTicket | FactorTicket | undefined
}

/** How long a ticket is good for. */
export const ticketLifetimeMs = 10 * 60_000
const context = 'oauth.ticket'
const mostCharacters = 6_000

/** Tickets under the instance's encryption key. */
export function createTickets(deps: { readonly cipher: Cipher; readonly clock: Clock }): Tickets {
  return {
    seal: (ticket) =>
      deps.cipher.seal(JSON.stringify({ ticket, until: deps.clock.now() + ticketLifetimeMs }), context),
    open(text) {
      if (text === '' || text.length > mostCharacters) return undefined
      let plain: string
      try {
        plain = deps.cipher.open(text, context)
      } catch {
        // Whoever sends something else is a stranger, and nothing has failed.
        return undefined
      }
      const { ticket, until } = JSON.parse(plain) as { ticket: JourneyTicket | FactorTicket; until: number }
      return until > deps.clock.now() ? ticket : undefined
    },
  }
}
