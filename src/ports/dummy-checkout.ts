import type { Outcome } from '#contract/outcome.ts'

/** A page of the provider "dummy" as somebody sees it who was sent there. */
export interface DummyCheckout {
  readonly id: string
  readonly amountMinor: number
  /** Whose card is left on it, where nothing is paid. */
  readonly leavesCardOf: string | undefined
  /** Of ISO 4217, in capitals. */
  readonly currency: string
  /** How the last try ended; `open` before the first. */
  readonly status: 'open' | 'failed' | 'processing' | 'succeeded'
  /** The payment of the last try. */
  readonly paymentId: string | undefined
  readonly successUrl: string
  readonly cancelUrl: string
}

/** The pages of the dummy; refused as `not_found` where there is none, or nothing to pay on it. */
export interface DummyCheckouts {
  show(id: string): Promise<Outcome<DummyCheckout>>
  /** Pays as well as the customer's e-mail address lets them, or declines; a page that is paid stays so. */
  decide(id: string, isDeclined: boolean): Promise<Outcome<DummyCheckout>>
}
