import { Link, useLocation } from '@tanstack/react-router'
import { text } from '@/text/paying.ts'
import { buttonClass } from '@/ui/button.tsx'
import { money, Time } from '@/ui/show.tsx'
import type { Notice } from '../../notices.ts'
import { type Invoice, openAmount } from './invoice.ts'
import { useUnpaid } from './read-payments.ts'

/** What waits to be paid: on every page once it is overdue, else where people arrive. */
export function useUnpaidNotices(): readonly Notice[] {
  const unpaid = useUnpaid()?.filter((invoice) => openAmount(invoice) > 0) ?? []
  const { pathname } = useLocation()
  const overdue = unpaid.filter(({ status }) => status === 'overdue')
  const shown = overdue.length > 0 ? overdue : unpaid
  const [first] = shown
  if (first === undefined || pathname.startsWith('/portal/invoices')) return []
  if (overdue.length === 0 && pathname !== '/portal') return []
  const isOne = shown.length === 1
  const several = overdue.length > 0 ? text.severalOverdue : text.several
  return [
    {
      key: 'unpaid',
      tone: overdue.length > 0 ? 'bad' : 'accent',
      words: isOne ? <One invoice={first} /> : several(shown.length),
      action: isOne ? (
        <Link to="/portal/invoices/$id" params={{ id: first.id }} className={buttonClass('plain', 'small')}>
          {text.seeInvoice}
        </Link>
      ) : (
        <Link to="/portal/invoices" className={buttonClass('plain', 'small')}>
          {text.seeInvoices}
        </Link>
      ),
    },
  ]
}

function One({ invoice }: { invoice: Invoice }) {
  const { number, status, due_at, currency } = invoice
  const words = status === 'overdue' ? text.overdue : text.dueSoon
  return (
    <>
      {words(number ?? '', money(openAmount(invoice), currency))} <Time at={due_at} isDay />.
    </>
  )
}
