import type { Behaviour } from '#ports/behaviour.ts'
import { createNoteTold } from '../billing/note-told.ts'
import { endWithOrganization } from './close-organization.ts'
import { closeDispute, keepDispute } from './dispute-behaviours.ts'
import { followPaymentRecord } from './follow-behaviour.ts'
import {
  collectByNewMethod,
  keepPaymentMethod,
  makeDefaultMethod,
  removeMethod,
} from './method-behaviours.ts'
import { countRefunds, failRefund, refundPaymentRecord, succeedRefund } from './refund-behaviours.ts'
import { claimUnknownPayment, dismissUnknownPayment } from './unknown-behaviours.ts'

/** The behaviours of the modules of payments. */
export function createPaymentBehaviours(): Readonly<Record<string, Behaviour>> {
  return {
    organization_end_subscriptions: endWithOrganization,
    dispute_close: closeDispute,
    dispute_note_noticed: createNoteTold('status'),
    dispute_keep: keepDispute,
    payment_count_refunds: countRefunds,
    payment_follow: followPaymentRecord,
    payment_method_collect: collectByNewMethod,
    payment_method_keep: keepPaymentMethod,
    payment_method_make_default: makeDefaultMethod,
    payment_method_remove: removeMethod,
    payment_refund: refundPaymentRecord,
    refund_fail: failRefund,
    refund_succeed: succeedRefund,
    unknown_payment_claim: claimUnknownPayment,
    unknown_payment_dismiss: dismissUnknownPayment,
  }
}
