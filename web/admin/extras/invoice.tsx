import { useMutation, useQuery } from '@tanstack/react-query'
import { read, readPage, wordsOf } from '@/data/api.ts'
import { text } from '@/text/extras.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count, money } from '@/ui/show.tsx'
import { Banner, Card } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { unitMoney } from '@/ui/unit-money.ts'
import type { ModuleRecord } from '../module/schema.ts'
import { InvoiceDesk } from './invoice-desk.tsx'
import { WayToPay } from './way-to-pay.tsx'

interface Line {
  readonly id: string
  readonly description: string
  readonly quantity: number
  readonly unit_price: string
  readonly amount: number
  readonly currency: string
}

interface Verified {
  readonly ok: boolean
  readonly checks: readonly {
    readonly check: string
    readonly stored: string
    readonly recomputed: string
    readonly ok: boolean
  }[]
}

/** The lines of an invoice; it is verified against its usage, and what operators do with it is done here. */
export function Invoice({ record }: { record: ModuleRecord }) {
  const lines = useQuery({
    queryKey: ['module', 'invoice_line', record.id],
    queryFn: ({ signal }) =>
      readPage<Line>(
        `/api/invoice_lines?invoice_id=${encodeURIComponent(record.id)}&sort=position&limit=100`,
        signal,
      ),
  })
  const verify = useMutation({
    mutationFn: () => read<Verified>(`/admin/billing/invoices/${record.id}/verify`),
    onError: (refusal) => say(wordsOf(refusal), { isBad: true }),
  })
  const hasNumber = typeof record['number'] === 'string'
  const isOwed = ['open', 'overdue'].includes(String(record['status']))
  const isGood = verify.data?.ok === true
  return (
    <Card
      title={text.lines}
      className="mt-5"
      actions={
        <span className="flex flex-wrap gap-2">
          {hasNumber && (
            <Button size="small" isBusy={verify.isPending} onClick={() => verify.mutate()}>
              {text.verify}
            </Button>
          )}
          {hasNumber && <InvoiceDesk record={record} />}
        </span>
      }
    >
      {isOwed && <WayToPay />}
      {verify.data !== undefined && (
        <Banner tone={isGood ? 'good' : 'bad'}>
          {isGood
            ? text.fits
            : `${text.fitsNot} ${verify.data.checks
                .filter(({ ok }) => !ok)
                .map(({ check, stored, recomputed }) => `${check} ${stored} ≠ ${recomputed}`)
                .join(', ')}`}
        </Banner>
      )}
      {lines.error !== null ? (
        <Problem error={lines.error} onRetry={() => void lines.refetch()} />
      ) : lines.data?.rows.length === 0 ? (
        <p className="text-quiet">{text.noLines}</p>
      ) : (
        <DataTable
          label={text.lines}
          stacks
          rows={lines.data?.rows}
          rowKey={({ id }) => id}
          columns={[
            { key: 'description', heading: text.description, cell: ({ description }) => description },
            {
              key: 'quantity',
              heading: text.quantity,
              isNumber: true,
              cell: ({ quantity }) => count(quantity),
            },
            {
              key: 'unit',
              heading: text.unitPrice,
              isNumber: true,
              cell: ({ unit_price, currency }) => (unit_price === '' ? '—' : unitMoney(unit_price, currency)),
            },
            {
              key: 'amount',
              heading: text.amount,
              isNumber: true,
              cell: ({ amount, currency }) => money(amount, currency),
            },
          ]}
        />
      )}
    </Card>
  )
}
