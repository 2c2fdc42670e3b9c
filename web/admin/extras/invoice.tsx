import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, read, readPage, wordsOf } from '@/data/api.ts'
import { text } from '@/text/extras.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { count, money } from '@/ui/show.tsx'
import { Banner, Card } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord } from '../module/schema.ts'
import { useOperator } from '../session.ts'

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

/** The lines of an invoice; it is verified against its usage, and voided while it is owed. */
export function Invoice({ record }: { record: ModuleRecord }) {
  const client = useQueryClient()
  const role = useOperator()?.role
  const [isVoiding, setVoiding] = useState(false)
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
  const end = useMutation({
    mutationFn: () => call('POST', `/admin/billing/invoices/${record.id}/void`, {}),
    onSuccess: () => {
      setVoiding(false)
      say(text.voided)
      return client.invalidateQueries({ queryKey: ['module', 'invoice'] })
    },
  })
  const number = String(record['number'] ?? record.id)
  const canVoid = ['open', 'overdue'].includes(String(record['status'])) && role !== 'support'
  const isGood = verify.data?.ok === true
  return (
    <Card
      title={text.lines}
      className="mt-5"
      actions={
        <span className="flex gap-2">
          {record['number'] !== null && record['number'] !== undefined && (
            <Button size="small" isBusy={verify.isPending} onClick={() => verify.mutate()}>
              {text.verify}
            </Button>
          )}
          {canVoid && (
            <Button size="small" look="danger" onClick={() => setVoiding(true)}>
              {text.void}
            </Button>
          )}
        </span>
      }
    >
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
            { key: 'unit', heading: text.unitPrice, isNumber: true, cell: (line) => line.unit_price || '—' },
            {
              key: 'amount',
              heading: text.amount,
              isNumber: true,
              cell: ({ amount, currency }) => money(amount, currency),
            },
          ]}
        />
      )}
      <ConfirmDialog
        isOpen={isVoiding}
        onClose={() => setVoiding(false)}
        onConfirm={() => end.mutate()}
        title={text.voidTitle(number)}
        verb={text.void}
        typed={number}
        isBusy={end.isPending}
        error={end.error === null ? undefined : wordsOf(end.error)}
      >
        {text.voidHelp}
      </ConfirmDialog>
    </Card>
  )
}
