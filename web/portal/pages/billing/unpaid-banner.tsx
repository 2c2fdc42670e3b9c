import { Link, useLocation } from '@tanstack/react-router'
import { text } from '@/text/paying.ts'
import { buttonClass } from '@/ui/button.tsx'
import { money, Time } from '@/ui/show.tsx'
import { Banner } from '@/ui/surface.tsx'
import { type Invoice, openAmount } from './invoice.ts'
import { useUnpaid } from './read-payments.ts'

/** What waits to be paid: on every page once it is overdue, else where people arrive. */
export function UnpaidBanner() {
  const unpaid = useUnpaid()?.filter((invoice) => openAmount(invoice) > 0) ?? []
  const { pathname } = useLocation()
  const overdue = unpaid.filter(({ status }) => status === 'overdue')
  const [shown, tone] = overdue.length > 0 ? [overdue, 'bad' as const] : [unpaid, 'accent' as const]
  const [first] = shown
  if (first === undefined || pathname.startsWith('/portal/invoices')) return null
  if (overdue.length === 0 && pathname !== '/portal') return null
  return (
    <Banner
      tone={tone}
      action={
        shown.length === 1 ? (
          <Link to="/portal/invoices/$id" params={{ id: first.id }} className={buttonClass('plain', 'small')}>
            {text.seeInvoice}
          </Link>
        ) : (
          <Link to="/portal/invoices" className={buttonClass('plain', 'small')}>
            {text.seeInvoices}
          </Link>
        )
      }
    >
      {shown.length === 1 ? (
        <One invoice={first} />
      ) : tone === 'bad' ? (
        text.severalOverdue(shown.length)
      ) : (
        text.several(shown.length)
      )}
    </Banner>
  )
}

function One({ invoice }: { invoice: Invoice }) {
  const { number, status, due_at, currency } = invoice
  const words = status === 'overdue' ? text.overdue : text.dueSoon
  return (
    <>
      {words(number ?? '', money(openAmount(invoice), currency))} <Time at={due_at} />.
    </>
  )
}
