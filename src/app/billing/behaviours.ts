import type { Behaviour } from '#ports/behaviour.ts'
import { checkProfile } from './check-profile.ts'
import { expireCreditGrant, fillCreditGrant, useCreditGrant } from './credit-behaviours.ts'
import { dunSubscription, planNextTry, recoverSubscription } from './dunning-behaviours.ts'
import {
  createFinalizeInvoice,
  createTakeCreditNoteNumber,
  fallOverdue,
  keepRecord,
  rateInvoiceAgain,
  settleInvoiceRecord,
  takeInvoiceCredit,
  voidInvoiceRecord,
  writeOffInvoice,
} from './invoice-behaviours.ts'
import { createNoteTold } from './note-told.ts'
import { keepPromises } from './promised-back.ts'

/** The behaviours of the modules of money. */
export function createBillingBehaviours(): Readonly<Record<string, Behaviour>> {
  const least = new Map<'invoice' | 'credit_note', number>()
  return {
    billing_keep: keepRecord,
    billing_profile_check: checkProfile,
    credit_grant_expire: expireCreditGrant,
    credit_grant_fill: fillCreditGrant,
    credit_grant_use: useCreditGrant,
    credit_note_keep_promises: keepPromises,
    credit_note_take_number: createTakeCreditNoteNumber(least),
    invoice_dun: dunSubscription,
    invoice_fall_overdue: fallOverdue,
    invoice_note_mailed: createNoteTold('status'),
    invoice_finalize: createFinalizeInvoice(least),
    invoice_rate_again: rateInvoiceAgain,
    invoice_plan_next_try: planNextTry,
    invoice_recover: recoverSubscription,
    subscription_note_mailed: createNoteTold('restricted_at'),
    invoice_settle: settleInvoiceRecord,
    invoice_take_credit: takeInvoiceCredit,
    invoice_void: voidInvoiceRecord,
    invoice_write_off: writeOffInvoice,
  }
}
