import type { Rows } from '#contract/rows.gen.ts'
import type { LedgerEntry } from '#domain/ledger/entry.ts'
import { amountText } from './show-invoice.ts'

const states: Readonly<Record<string, string>> = {
  requested: 'waits',
  processing: 'waits',
  succeeded: 'paid',
  failed: 'declined',
}

/** A try to pay as a story writes it: when, by what, how much, and what came of it. */
export function showPayment(payment: Rows['payment']): string {
  const { method, amount, currency, status, decline_code, flag, refunded } = payment
  const end = [states[status] ?? status, decline_code ?? flag ?? ''].filter((word) => word !== '').join(' ')
  const by = method === 'saved' ? 'card' : 'page'
  const back = refunded === 0 ? '' : `, given back ${amountText(refunded, currency)}`
  return `${timeOf(payment.created_at)} ${by} ${amountText(amount, currency)} ${currency} ${end}${back}`
}

/** A credit note as a story writes it. */
export function showNote(note: Rows['credit_note']): string {
  const money = (minor: number): string => amountText(minor, note.currency)
  const parts = [
    `${money(note.subtotal)} + ${money(note.tax)} tax = ${money(note.total)} ${note.currency}`,
    ...(note.off_due === 0 ? [] : [`off due ${money(note.off_due)}`]),
    ...(note.refunded === 0 ? [] : [`given back ${money(note.refunded)}`]),
  ]
  return parts.join(', ')
}

/** What the accounts of a story come to, those without anything left out: `provider:stripe 10.00`. */
export function showBalances(entries: readonly LedgerEntry[]): readonly string[] {
  const sums = new Map<string, { readonly currency: string; minor: bigint }>()
  for (const { currency, rows } of entries)
    for (const { account, amountMinor } of rows) {
      const name = account.replace(/:org_\w+/, '')
      const sum = sums.get(`${name} ${currency}`) ?? { currency, minor: 0n }
      sum.minor += amountMinor
      sums.set(`${name} ${currency}`, sum)
    }
  return [...sums]
    .filter(([, { minor }]) => minor !== 0n)
    .map(([name, { currency, minor }]) => `${name.split(' ')[0]} ${amountText(Number(minor), currency)}`)
    .sort()
}

/** The subjects of mails and how often each came, without the number of the invoice, which other stories have a part in. */
export function showMails(mails: readonly Rows['logged_email'][]): readonly string[] {
  const subjects = mails.map(({ subject }) => subject.replace(/\b(INV|CN)-\d{4}-\d{6}\b/g, '$1'))
  const times = (subject: string): number => subjects.filter((one) => one === subject).length
  return [...new Set(subjects)].sort().map((subject) => `${times(subject)} x ${subject}`)
}

const timeOf = (at: string): string => at.replace(/:00\.000Z$/, 'Z')
