import type { Behaviour } from '#ports/behaviour.ts'
import { expireCreditGrant, fillCreditGrant, useCreditGrant } from './credit-behaviours.ts'
import {
  fallOverdue,
  finalizeInvoice,
  keepRecord,
  settleInvoiceRecord,
  takeCreditNoteNumber,
  takeInvoiceCredit,
  voidInvoiceRecord,
  writeOffInvoice,
} from './invoice-behaviours.ts'

/** The behaviours of the modules of money. */
export const billingBehaviours: Readonly<Record<string, Behaviour>> = {
  billing_keep: keepRecord,
  credit_grant_expire: expireCreditGrant,
  credit_grant_fill: fillCreditGrant,
  credit_grant_use: useCreditGrant,
  credit_note_take_number: takeCreditNoteNumber,
  invoice_fall_overdue: fallOverdue,
  invoice_finalize: finalizeInvoice,
  invoice_settle: settleInvoiceRecord,
  invoice_take_credit: takeInvoiceCredit,
  invoice_void: voidInvoiceRecord,
  invoice_write_off: writeOffInvoice,
}
