/** A certificate with its chain, and its private key, both PEM. */
export interface Certificate {
  readonly chain: string
  readonly key: string
}

/** What a certificate that is served says about itself; times are ISO 8601. */
export interface ServedCertificate {
  /** Where it comes from. */
  readonly source: string
  readonly names: readonly string[]
  readonly issuer: string
  readonly valid_from: string
  readonly valid_to: string
}

/** Where the HTTPS port gets its certificates. */
export interface CertificateSource {
  /**
   * The certificate for the name that a client asks for, undefined where it asks for none; the same object until it is
   * replaced. Undefined when there is none: the handshake fails.
   */
  find(serverName: string | undefined): Certificate | undefined
}
