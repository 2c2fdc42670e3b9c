/** What the overview shows; it is kept in the address. */
export interface OverviewChoice {
  readonly days?: number
  readonly currency?: string
  /** Of the live requests only those that failed. */
  readonly failed?: boolean
}

/** How many days can be looked at. */
export const offeredDays: readonly number[] = [7, 30, 90, 365]

/** Reads a choice out of an address. */
export const overviewChoice = ({ days, currency, failed }: Record<string, unknown>): OverviewChoice => ({
  ...(offeredDays.includes(Number(days)) ? { days: Number(days) } : {}),
  ...(typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? { currency } : {}),
  ...(failed === true ? { failed } : {}),
})
