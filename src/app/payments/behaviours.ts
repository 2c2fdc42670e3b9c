import type { Behaviour } from '#ports/behaviour.ts'
import { followPaymentRecord } from './follow-behaviour.ts'
import { countRefunds, failRefund, refundPaymentRecord, succeedRefund } from './refund-behaviours.ts'
import { claimUnknownPayment, dismissUnknownPayment } from './unknown-behaviours.ts'

/** The behaviours of the modules of payments. */
export function createPaymentBehaviours(): Readonly<Record<string, Behaviour>> {
  return {
    payment_count_refunds: countRefunds,
    payment_follow: followPaymentRecord,
    payment_refund: refundPaymentRecord,
    refund_fail: failRefund,
    refund_succeed: succeedRefund,
    unknown_payment_claim: claimUnknownPayment,
    unknown_payment_dismiss: dismissUnknownPayment,
  }
}
