import type { Outcome } from '#contract/outcome.ts'

/** What belongs to one sign-in at an identity provider, from its start to its callback. */
export interface IdentityRequest {
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** Somebody as an identity provider knows them; everything in it was checked. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly email: string | undefined
  /** Whether the provider vouches for the address. */
  readonly isEmailVerified: boolean
  readonly name: string
}

/** A client of one identity provider. What is wrong with an answer is `sign_in_failed`; a provider that does not answer is a Fault. */
export interface IdentityClient {
  /** Where to send the browser. */
  authorize(request: IdentityRequest): Promise<Outcome<string>>
  /** Who came back: `callback` is the whole address that the provider sent the browser to. */
  identify(callback: string, request: IdentityRequest): Promise<Outcome<Identity>>
  /** Whether the provider answers and takes the credentials. */
  test(): Promise<Outcome<undefined>>
}

/** What an OpenID provider is reached by. */
export interface OpenIdConfiguration {
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined
  /** Words with spaces between them. */
  readonly scopes: string
  /** Whether it may be on this machine or a private network, and speak HTTP. */
  readonly allowsPrivate: boolean
}

/** Makes a client of an OpenID provider; nothing is asked before it is used. */
export type OpenIdClient = (configuration: OpenIdConfiguration) => IdentityClient
