import { useQuery } from '@tanstack/react-query'
import { FileText } from 'lucide-react'
import { read } from '@/data/api.ts'
import { text } from '@/text/billing.ts'
import { buttonClass } from '@/ui/button.tsx'
import { money, Time } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'

interface CreditNote {
  readonly id: string
  readonly number: string | null
  readonly reason: string
  readonly total: number
  readonly currency: string
  readonly created_at: string
}

/** What was taken back of an invoice, each with its document; nothing where nothing was. */
export function CreditNotes({ invoiceId }: { invoiceId: string }) {
  const notes = useQuery({
    queryKey: ['invoices', invoiceId, 'credit-notes'],
    queryFn: ({ signal }) =>
      read<readonly CreditNote[]>(`/api/credit_notes?invoice_id=${invoiceId}&limit=100`, signal),
  }).data
  if (notes === undefined || notes.length === 0) return null
  return (
    <Card title={text.creditNotes} description={text.creditNotesHelp}>
      <ul className="grid gap-3">
        {notes.map(({ id, number, reason, total, currency, created_at }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-2">
            <span className="min-w-0 break-words">
              <span className="font-medium">{number}</span> · {reason}{' '}
              <span className="text-quiet">
                (<Time at={created_at} />)
              </span>
            </span>
            <span className="flex items-center gap-3">
              <span className="tabular">{money(total, currency)}</span>
              <a
                href={`/api/v1/billing/credit-notes/${id}/pdf`}
                download={`${number}.pdf`}
                className={buttonClass('plain', 'small')}
              >
                <FileText size={14} aria-hidden /> {text.pdf}
              </a>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
