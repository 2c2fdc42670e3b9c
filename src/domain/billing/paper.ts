/** A line of a table on paper. */
export interface PaperLine {
  readonly description: string
  /** Beneath the description, smaller. */
  readonly note: string
  readonly quantity: string
  readonly unitPrice: string
  readonly amount: string
}

/** One of the sums below the table. */
export interface PaperSum {
  readonly label: string
  readonly amount: string
  readonly isStrong: boolean
}

/** A document about money as it is printed: everything that stands on it, as text, and nothing else. */
export interface Paper {
  readonly title: string
  readonly number: string
  /** When it was made, ISO 8601; also what the file says of itself. */
  readonly issuedAt: string
  /** Said across the top where it is not to be used as it stands: that an invoice is void. */
  readonly stamp: string
  /** Name first, then the address. */
  readonly seller: readonly string[]
  readonly buyer: readonly string[]
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly headline: string
  readonly currency: string
  readonly lines: readonly PaperLine[]
  readonly sums: readonly PaperSum[]
  readonly notes: readonly string[]
}
