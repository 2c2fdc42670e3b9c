import type { MemberRole } from '#contract/actor.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { IdentityClient } from '#ports/identity-client.ts'

/** A way to sign in with an account elsewhere. */
export interface Connection extends Pick<IdentityClient, 'authorize' | 'identify'> {
  /** Its part of the address of start and callback, which no other has. */
  readonly slug: string
  /** What linked accounts are kept under. */
  readonly provider: string
  /** What people see. */
  readonly label: string
  /** Set where an organization has it for the addresses of its domain. */
  readonly organization:
    | { readonly id: string; readonly domain: string; readonly role: MemberRole }
    | undefined
}

/** The ways to sign in with an account elsewhere, as they are configured at this moment. */
export interface Connections {
  /** Those that everybody is offered. */
  list(): Promise<readonly Connection[]>
  /** The one of an organization for an e-mail address; undefined where it has none. */
  forEmail(email: string): Promise<Connection | undefined>
  find(slug: string): Promise<Outcome<Connection>>
}
