import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { call, readPage } from '@/data/api.ts'
import { randomKey } from '@/data/random-key.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/money-desk.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { majorText, minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { money, Status, Time } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord } from '../module/schema.ts'
import { useOperator } from '../session.ts'

interface Refund {
  readonly id: string
  readonly status: string
  readonly amount: number
  readonly currency: string
  readonly reason: string
  readonly failure: string | null
  readonly created_at: string
}

/** What of a payment went back, and giving back more of it. */
export function Refunds({ record }: { record: ModuleRecord }) {
  const [isOpen, setOpen] = useState(false)
  const role = useOperator()?.role
  const currency = String(record['currency'])
  const left = Number(record['received_amount'] ?? record['amount']) - Number(record['refunded'] ?? 0)
  const mayRefund =
    role !== 'support' && ['succeeded', 'flagged'].includes(String(record['status'])) && left > 0
  const { data, error, refetch } = useQuery({
    queryKey: ['module', 'refund', record.id],
    queryFn: ({ signal }) =>
      readPage<Refund>(`/api/refunds?payment_id=${encodeURIComponent(record.id)}&sort=-id&limit=50`, signal),
    refetchInterval: 10_000,
  })
  return (
    <Card
      title={text.refunds}
      description={text.refundsLead}
      className="mt-5"
      actions={
        mayRefund && (
          <Button size="small" look="danger" onClick={() => setOpen(true)}>
            {text.refund}
          </Button>
        )
      }
    >
      {error !== null ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : data?.rows.length === 0 ? (
        <p className="text-quiet">{text.noRefunds}</p>
      ) : (
        <DataTable
          label={text.refunds}
          stacks
          rows={data?.rows}
          rowKey={({ id }) => id}
          columns={[
            { key: 'when', heading: text.when, cell: ({ created_at }) => <Time at={created_at} /> },
            { key: 'status', heading: text.status, cell: ({ status }) => <Status value={status} /> },
            { key: 'reason', heading: text.reason, cell: (refund) => refund.failure ?? refund.reason },
            {
              key: 'amount',
              heading: text.sum,
              isNumber: true,
              cell: (refund) => money(refund.amount, refund.currency),
            },
          ]}
        />
      )}
      <Dialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={text.refundTitle}
        description={text.refundHelp(money(left, currency))}
      >
        <RefundForm paymentId={record.id} currency={currency} left={left} onClose={() => setOpen(false)} />
      </Dialog>
    </Card>
  )
}

function RefundForm({
  paymentId,
  currency,
  left,
  onClose,
}: {
  paymentId: string
  currency: string
  left: number
  onClose: () => void
}) {
  const client = useQueryClient()
  // Sent again after a lost answer it is the same refund and not another one.
  const key = useRef(randomKey())
  const [sure, setSure] = useState('')
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    { amount: majorText(left, currency), reason: '' },
    async ({ amount, reason }) => {
      const minor = minorOf(amount, currency)
      if (typeof minor !== 'number' || minor < 1 || minor > left) {
        form.setError('amount', { message: text.notAnAmount })
        return
      }
      await call('POST', `/api/payments/${paymentId}/refund`, { amount: minor, reason, key: key.current })
      say(text.refunded)
      onClose()
      await client.invalidateQueries({ queryKey: ['module'] })
    },
  )
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.amount(currency)} error={errorOf('amount')}>
        {(control) => (
          <Input {...control} {...form.register('amount')} inputMode="decimal" autoComplete="off" />
        )}
      </Field>
      <Field label={text.reason} hint={text.reasonHint} error={errorOf('reason')} isOptional>
        {(control) => <Input {...control} {...form.register('reason')} autoComplete="off" />}
      </Field>
      <Field label={shared.typeToConfirm(text.refundWord)}>
        {(control) => (
          <Input
            {...control}
            value={sure}
            onChange={({ target }) => setSure(target.value)}
            autoComplete="off"
          />
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{shared.cancel}</Button>
        <Button look="danger" type="submit" isBusy={isBusy} disabled={sure !== text.refundWord}>
          {text.refund}
        </Button>
      </div>
    </form>
  )
}
