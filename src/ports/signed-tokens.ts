/** What a bearer token of a person says: whose it is, of which session, and until when (milliseconds UTC). */
export interface TokenClaims {
  readonly userId: string
  readonly sessionId: string
  readonly expiresAt: number
}

/** Bearer tokens that carry their own proof. Whether the session behind one still counts is not theirs to say. */
export interface SignedTokens {
  sign(claims: TokenClaims): Promise<string>
  /** What the token says; undefined when it is not one of ours, was altered, or is over. */
  verify(token: string): Promise<TokenClaims | undefined>
}
