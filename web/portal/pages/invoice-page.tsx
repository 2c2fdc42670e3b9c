import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { Download, FileText } from 'lucide-react'
import { read } from '@/data/api.ts'
import { downloadCsv } from '@/data/csv.ts'
import { text } from '@/text/billing.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count, money, Status, Time } from '@/ui/show.tsx'
import { Card, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { unitMoney } from '@/ui/unit-money.ts'
import { CreditNotes } from './billing/credit-notes.tsx'
import { dueAt, type Invoice, openAmount, periodText } from './billing/invoice.ts'
import { PayButton } from './billing/pay-button.tsx'
import { PaymentsTable, PaymentWord } from './billing/payments-card.tsx'
import { ProofCard } from './billing/proof-card.tsx'
import { followMs, usePayments } from './billing/read-payments.ts'
import { VerifyCard } from './billing/verify-card.tsx'

interface Line {
  readonly id: string
  readonly position: number
  readonly kind: string
  readonly description: string
  readonly quantity: number
  readonly unit_price: string
  readonly amount: number
  readonly currency: string
}

/** One invoice with its lines and what proves its use. */
export function InvoicePage() {
  const { id } = useParams({ strict: false }) as { id: string }
  const isBack = (useSearch({ strict: false }) as { payment?: unknown }).payment === 'made'
  const invoice = useQuery({
    queryKey: ['invoices', id],
    queryFn: ({ signal }) => read<Invoice>(`/api/invoices/${id}`, signal),
    refetchInterval: ({ state }) =>
      isBack && state.data !== undefined && openAmount(state.data) > 0 ? followMs : false,
  })
  const isWaiting = isBack && invoice.data !== undefined && openAmount(invoice.data) > 0
  const payments = usePayments(id, isWaiting)
  const lines = useQuery({
    queryKey: ['invoices', id, 'lines'],
    queryFn: ({ signal }) =>
      read<readonly Line[]>(`/api/invoice_lines?invoice_id=${id}&sort=position&limit=100`, signal),
  })
  if (invoice.error !== null) return <Problem error={invoice.error} onRetry={() => void invoice.refetch()} />
  if (invoice.data === undefined) return <Skeleton className="h-40" />
  return (
    <>
      <Link to="/portal/invoices" className="mb-2 inline-block text-[13px] text-quiet hover:text-text">
        ← {text.invoices}
      </Link>
      <PageHeader
        title={invoice.data.number ?? text.draft}
        description={
          <>
            <Status value={invoice.data.status} />{' '}
            {invoice.data.period_start !== null && periodText(invoice.data)}
          </>
        }
        actions={
          <>
            <Button
              disabled={lines.data === undefined || lines.data.length === 0}
              onClick={() => download(invoice.data, lines.data ?? [])}
            >
              <Download size={15} aria-hidden /> {text.downloadLines}
            </Button>
            <Papers invoice={invoice.data} />
            <PayButton invoice={invoice.data} />
          </>
        }
      />
      {isBack && <PaymentWord invoice={invoice.data} payments={payments.data} />}
      <div className="grid grid-cols-1 gap-5">
        {lines.error === null ? (
          <Lines lines={lines.data} />
        ) : (
          <Problem error={lines.error} onRetry={() => void lines.refetch()} />
        )}
        <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
          <div className="grid grid-cols-1 gap-5">
            <Sums invoice={invoice.data} />
            <ProofCard invoice={invoice.data} />
          </div>
          <VerifyCard invoice={invoice.data} />
        </div>
        <CreditNotes invoiceId={id} />
        <PaymentsTable payments={payments.data} />
      </div>
    </>
  )
}

/** The documents of an invoice, each the same file for ever. */
function Papers({ invoice: { id, number, status } }: { invoice: Invoice }) {
  if (status === 'draft') return null
  const at = `/api/v1/billing/invoices/${id}`
  const papers = [
    { label: text.pdf, path: 'pdf', name: `${number}.pdf` },
    ...(status === 'paid' ? [{ label: text.receipt, path: 'receipt', name: `${number}-receipt.pdf` }] : []),
  ]
  return papers.map(({ label, path, name }) => (
    <a key={path} href={`${at}/${path}`} download={name} className={buttonClass()}>
      <FileText size={15} aria-hidden /> {label}
    </a>
  ))
}

const Lines = ({ lines }: { lines: readonly Line[] | undefined }) => (
  <DataTable
    stacks
    label={text.lines}
    rows={lines}
    rowKey={({ id }) => id}
    columns={[
      { key: 'description', heading: text.description, cell: ({ description }) => description },
      { key: 'quantity', heading: text.quantity, isNumber: true, cell: ({ quantity }) => count(quantity) },
      {
        key: 'price',
        heading: text.unitPrice,
        isNumber: true,
        cell: ({ unit_price, currency }) => unitMoney(unit_price, currency),
      },
      {
        key: 'amount',
        heading: text.amount,
        isNumber: true,
        cell: ({ amount, currency }) => money(amount, currency),
      },
    ]}
  />
)

function Sums({ invoice }: { invoice: Invoice }) {
  const due = dueAt(invoice)
  const { currency, issued_at, subtotal, tax, tax_inclusive, total, credit_applied, credited } = invoice
  const sums = [
    [tax_inclusive ? text.withoutTax : text.subtotal, subtotal, true],
    [text.tax, tax, tax !== 0],
    [text.total, total, true],
    [text.creditApplied, -credit_applied, credit_applied !== 0],
    [text.credited, -credited, credited !== 0],
    [text.open, openAmount(invoice), true],
  ] as const
  return (
    <Card title={text.total}>
      <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5">
        {sums
          .filter(([, , isShown]) => isShown)
          .map(([label, amount]) => (
            <div key={label} className="contents">
              <dt className="text-quiet">{label}</dt>
              <dd className="tabular text-right">{money(amount, currency)}</dd>
            </div>
          ))}
        <dt className="text-quiet">{text.issued}</dt>
        <dd className="text-right">
          <Time at={issued_at} isDay />
        </dd>
        {due !== null && (
          <>
            <dt className="text-quiet">{text.due}</dt>
            <dd className="text-right">
              <Time at={due} isDay />
            </dd>
          </>
        )}
      </dl>
    </Card>
  )
}

const download = (invoice: Invoice, lines: readonly Line[]): void =>
  downloadCsv(
    invoice.number ?? invoice.id,
    ['position', 'kind', 'description', 'quantity', 'unit_price', 'amount', 'currency'],
    lines.map((line) => ({ ...line })),
  )
