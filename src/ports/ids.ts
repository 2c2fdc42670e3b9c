/** Where ids and secrets come from. */
export interface Ids {
  /** A new id, unique and sortable by creation: `{prefix}_` + 26 characters. */
  next(prefix: string): string
  /** Random bytes as lower-case hex, from a cryptographic source. */
  randomHex(bytes: number): string
}
