/** Until when the lists of payment providers were looked through: what is on them before that is known. */
export interface PaymentLooks {
  /** Milliseconds UTC; undefined where nobody has looked yet. */
  until(list: string): Promise<number | undefined>
  /** Notes a look; an earlier end than the one that is noted changes nothing. */
  note(list: string, untilMs: number): Promise<void>
}
