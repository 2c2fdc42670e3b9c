/** Codes that an authenticator app shows, a new one every half minute. */
export interface OneTimeCodes {
  /** A new secret for an app, as text that can be typed. */
  newSecret(): string
  /** What an app takes in as a picture: the secret with the name of the account. */
  uriOf(secret: string, account: string): string
  /** The time step that a code belongs to, the present one or a neighbour; undefined when it fits none. */
  stepOf(secret: string, code: string): number | undefined
}
