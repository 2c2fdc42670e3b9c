import type { Rows } from '#contract/rows.gen.ts'
import { formatMoney } from '#domain/money.ts'
import { countText } from '#domain/pricing/charge-line.ts'
import type { Mail, SendMail } from '#ports/mail.ts'
import { mailAddressOf } from './billing-terms.ts'
import { type BillingDependencies, ownCall } from './dependencies.ts'

const dayMs = 86_400_000

/**
 * Tells customers of their invoices, of those that are overdue and of payments that have arrived: once each, as the mail has a key of its
 * own, and also after a crash, as the invoice keeps the note until the mail is on its way. Answers how many it told.
 */
export async function mailInvoices(
  deps: Pick<BillingDependencies, 'records' | 'invokeAll' | 'clock' | 'log'>,
  sendMail: SendMail,
): Promise<number> {
  const { records, log } = deps
  let told = 0
  for await (const invoice of records.each('invoice', [{ field: 'mail_due', op: 'eq', value: true }])) {
    const organization = await records.get('organization', invoice.organization_id)
    const profile = await records.getBy('billing_profile', 'organization_id', invoice.organization_id)
    const to = organization === undefined ? '' : mailAddressOf(organization, profile)
    try {
      if (to !== '' && organization !== undefined) {
        await sendMail({ ...mailOf(invoice, organization.name, deps.clock.now()), to })
        told += 1
      }
      const { id, status } = invoice
      // Refused where it was paid meanwhile, say: then the note stays, for the receipt.
      await deps.invokeAll([ownCall({ module: 'invoice', action: 'mailed', id, input: { told: status } })])
    } catch (error) {
      log.error({ error, invoice: invoice.id }, 'a customer could not be told of an invoice; tried again')
    }
  }
  return told
}

function mailOf(invoice: Rows['invoice'], organization: string, nowMs: number): Omit<Mail, 'to'> {
  const { id, number, currency, status } = invoice
  const common = { organization, number: number ?? '', invoice_id: id }
  const money = (minor: number): string => formatMoney({ amountMinor: BigInt(minor), currency })
  const dedupeKey = `invoice ${id} ${status}`
  if (status === 'overdue') {
    const days = Math.max(1, Math.floor((nowMs - Date.parse(String(invoice.due_at))) / dayMs))
    const data = { ...common, amount: money(invoice.amount_due), days_overdue: String(days) }
    return { template: 'overdue_payment', data, dedupeKey }
  }
  if (status === 'paid') {
    const data = { ...common, amount: money(invoice.amount_paid + invoice.credit_applied) }
    return { template: 'payment_success', data, dedupeKey }
  }
  const data = {
    ...common,
    period: periodText(invoice),
    requests: countText(invoice.units),
    amount: money(invoice.amount_due),
    due_date: dateText(String(invoice.due_at)),
  }
  return { template: 'billing_invoice', data, dedupeKey }
}

const dateText = (time: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(time))

/** The month where it is one, else its first and its last day. */
function periodText({ period_start, period_end, issued_at }: Rows['invoice']): string {
  if (period_start === null || period_end === null) return dateText(String(issued_at))
  const start = new Date(period_start)
  const last = new Date(Date.parse(period_end) - 1)
  const isMonth = start.getUTCDate() === 1 && new Date(period_end).getUTCDate() === 1
  if (!isMonth) return `${dateText(period_start)} to ${dateText(last.toISOString())}`
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(start)
}
