import { accept, type Outcome } from '#contract/outcome.ts'
import type { ReportedPayment } from '#domain/payments/payment-step.ts'
import type { PaymentDependencies } from './dependencies.ts'

/** What to ask a provider about. */
export interface PaymentSubject {
  readonly paymentId?: string
  readonly checkoutId?: string
  /** Which payment of ours it is, where the provider does not say so itself. */
  readonly reference?: string
}

/** How a payment stands, in the words of its provider. */
export interface PaymentReport extends ReportedPayment {
  readonly kind: 'payment'
  readonly paymentId: string
  readonly checkoutId?: string
  /** What we gave along when we asked for it. */
  readonly reference?: string
  /** Why it failed. */
  readonly declineCode?: string
  /** Given back so far, minor units. */
  readonly amountRefunded: number
}

/** A page that nobody has begun to pay on. */
export interface CheckoutReport {
  readonly kind: 'checkout'
  readonly checkoutId: string
  readonly isExpired: boolean
}

/** Asks a provider; undefined where it knows nothing of the subject, a refusal where it could not be asked. */
export type ReadReport = (
  provider: string,
  subject: PaymentSubject,
) => Promise<Outcome<PaymentReport | CheckoutReport | undefined>>

/** Reads through the page to the payment that was made on it. */
export function createReadReport({ capabilities }: Pick<PaymentDependencies, 'capabilities'>): ReadReport {
  return async (provider, { paymentId, checkoutId, reference: told }) => {
    const service = capabilities.capability('payment', { provider })
    let asked = paymentId
    let reference: string | undefined
    if (asked === undefined && checkoutId !== undefined) {
      const checkout = await service.get_checkout({ checkout_id: checkoutId })
      if (!checkout.ok) return checkout.code === 'not_found' ? accept(undefined) : checkout
      asked = checkout.value.payment_id ?? undefined
      reference = checkout.value.reference ?? undefined
      if (asked === undefined)
        return accept({ kind: 'checkout', checkoutId, isExpired: checkout.value.status === 'expired' })
    }
    if (asked === undefined) return accept(undefined)
    const payment = await service.get_payment({ payment_id: asked })
    if (!payment.ok) return payment.code === 'not_found' ? accept(undefined) : payment
    const { status, amount, currency, amount_refunded: amountRefunded } = payment.value
    reference ??= payment.value.reference ?? told
    const declineCode = payment.value.decline_code ?? undefined
    return accept({
      kind: 'payment',
      paymentId: asked,
      status,
      amount,
      currency,
      amountRefunded: amountRefunded ?? 0,
      ...(checkoutId === undefined ? {} : { checkoutId }),
      ...(reference === undefined ? {} : { reference }),
      ...(declineCode === undefined ? {} : { declineCode }),
    })
  }
}
