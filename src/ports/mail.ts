/** A message to one person, by the name of its template. `data` is what the template shows; it is text that people may have chosen. */
export interface Mail {
  readonly template: string
  readonly to: string
  readonly data: Readonly<Record<string, string>>
  /** Two mails with the same key are one. */
  readonly dedupeKey: string
}

/** Hands a message over for delivery. Not for use inside a transaction. */
export type SendMail = (mail: Mail) => Promise<void>
