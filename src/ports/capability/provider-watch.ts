/** A provider as those who call it see it. */
export interface WatchedProvider {
  readonly capability: string
  /** With the name of its configuration where it has several: `sendgrid/marketing`. */
  readonly provider: string
}

/** Hears how calls of providers end. */
export interface ProviderWatch {
  /** It could not be reached, or did not serve us, after all its retries; the reason holds no secret. */
  failed(one: WatchedProvider, reason: string): Promise<void>
  worked(one: WatchedProvider): Promise<void>
}
