import { text as billing } from '@/text/billing.ts'
import { text } from '@/text/paying.ts'
import { text as portal } from '@/text/portal.ts'
import { DataTable } from '@/ui/data-table.tsx'
import { money, Time } from '@/ui/show.tsx'
import { Badge, Banner } from '@/ui/surface.tsx'
import type { Invoice } from './invoice.ts'
import type { Payment } from './read-payments.ts'

/** What coming back from a provider's page means: nothing until the server has the provider's word. */
export function PaymentWord({
  invoice,
  payments,
}: {
  invoice: Invoice
  payments: readonly Payment[] | undefined
}) {
  const [last] = payments ?? []
  if (invoice.status === 'paid') return <Banner tone="good">{text.paid}</Banner>
  if (last?.status === 'failed') return <Banner tone="bad">{text.failed}</Banner>
  if (last?.status === 'flagged') return <Banner tone="bad">{text.flagged}</Banner>
  return (
    <Banner>
      <p className="font-medium">{text.waiting}</p>
      <p>{text.waitingHelp}</p>
    </Banner>
  )
}

const tones = { succeeded: 'good', failed: 'bad', flagged: 'bad', processing: 'warning' } as const

/** The tries to pay an invoice. */
export function PaymentsTable({ payments }: { payments: readonly Payment[] | undefined }) {
  if (payments === undefined || payments.length === 0) return null
  return (
    <section aria-labelledby="payments">
      <h2 id="payments" className="mb-2 text-sm font-semibold">
        {text.payments}
      </h2>
      <DataTable
        stacks
        label={text.payments}
        rows={payments}
        rowKey={({ id }) => id}
        columns={[
          { key: 'when', heading: text.when, cell: ({ created_at }) => <Time at={created_at} /> },
          {
            key: 'provider',
            heading: text.provider,
            cell: ({ provider }) => text.providers[provider] ?? provider,
          },
          {
            key: 'status',
            heading: portal.status,
            cell: ({ status }) => (
              <Badge tone={tones[status as keyof typeof tones] ?? 'neutral'}>
                {text.statuses[status] ?? status}
              </Badge>
            ),
          },
          {
            key: 'amount',
            heading: billing.amount,
            isNumber: true,
            cell: ({ amount, currency }) => money(amount, currency),
          },
        ]}
      />
    </section>
  )
}
