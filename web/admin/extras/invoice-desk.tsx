import { useQueryClient } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text as words } from '@/text/extras.ts'
import { text } from '@/text/money-desk.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { majorText, minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { money } from '@/ui/show.tsx'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord } from '../module/schema.ts'
import { useOperator } from '../session.ts'
import { EndInvoice } from './end-invoice.tsx'

type Doing = 'note' | 'settle' | 'void' | 'write-off'

/** What operators do with an invoice that has a number: its papers, its payment, and taking it back. */
export function InvoiceDesk({ record }: { record: ModuleRecord }) {
  const [doing, setDoing] = useState<Doing>()
  const mayWrite = useOperator()?.role !== 'support'
  const status = String(record['status'])
  const isOwed = status === 'open' || status === 'overdue'
  const base = `/admin/billing/invoices/${record.id}`
  const close = (): void => setDoing(undefined)
  const number = String(record['number'])
  return (
    <>
      <a className={buttonClass('plain', 'small')} href={`${base}/pdf`} download>
        <Download size={14} aria-hidden /> PDF
      </a>
      {typeof record['event_set_hash'] === 'string' && (
        <a className={buttonClass('plain', 'small')} href={`${base}/events`} download>
          <Download size={14} aria-hidden /> {text.events}
        </a>
      )}
      {mayWrite && isOwed && (
        <Button size="small" onClick={() => setDoing('settle')}>
          {text.settle}
        </Button>
      )}
      {mayWrite && (isOwed || status === 'paid') && (
        <Button size="small" onClick={() => setDoing('note')}>
          {text.note}
        </Button>
      )}
      {mayWrite && isOwed && (
        <>
          <Button size="small" look="danger" onClick={() => setDoing('write-off')}>
            {text.writeOff}
          </Button>
          <Button size="small" look="danger" onClick={() => setDoing('void')}>
            {words.void}
          </Button>
        </>
      )}
      <Dialog
        isOpen={doing === 'note'}
        onClose={close}
        title={text.noteTitle(number)}
        description={text.noteHelp}
      >
        <CreditNoteForm record={record} onClose={close} />
      </Dialog>
      <Dialog
        isOpen={doing === 'settle'}
        onClose={close}
        title={text.settleTitle(number)}
        description={text.settleHelp(money(Number(record['amount_due']), String(record['currency'])))}
      >
        <SettleForm record={record} onClose={close} />
      </Dialog>
      <EndInvoice
        record={record}
        way={doing === 'void' || doing === 'write-off' ? doing : undefined}
        onClose={close}
      />
    </>
  )
}

function CreditNoteForm({ record, onClose }: { record: ModuleRecord; onClose: () => void }) {
  const client = useQueryClient()
  const currency = String(record['currency'])
  const isInclusive = record['tax_inclusive'] === true
  const [whole, taken] = isInclusive ? ['total', 'credited'] : ['subtotal', 'credited_subtotal']
  const left = Number(record[whole]) - Number(record[taken])
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    { amount: majorText(Math.max(0, left), currency), reason: '' },
    async ({ amount, reason }) => {
      const minor = minorOf(amount, currency)
      await call('POST', `/admin/billing/invoices/${record.id}/credit-note`, {
        amount: minor ?? amount,
        reason,
      })
      say(text.noted)
      onClose()
      await client.invalidateQueries({ queryKey: ['module'] })
    },
  )
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field
        label={isInclusive ? text.noteAmountWithTax(currency) : text.noteAmount(currency)}
        error={errorOf('amount')}
      >
        {(control) => (
          <Input {...control} {...form.register('amount')} inputMode="decimal" autoComplete="off" />
        )}
      </Field>
      <Field label={text.reason} hint={text.reasonHint} error={errorOf('reason')}>
        {(control) => <Input {...control} {...form.register('reason')} autoComplete="off" />}
      </Field>
      <Foot verb={text.note} failure={failure} isBusy={isBusy} onClose={onClose} />
    </form>
  )
}

function SettleForm({ record, onClose }: { record: ModuleRecord; onClose: () => void }) {
  const client = useQueryClient()
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    { payment_id: '' },
    async ({ payment_id }) => {
      await call('POST', `/admin/billing/invoices/${record.id}/settle`, {
        payment_id,
        amount: record['amount_due'],
        currency: record['currency'],
      })
      say(text.settled)
      onClose()
      await client.invalidateQueries({ queryKey: ['module'] })
    },
  )
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.settleReference} hint={text.settleHint} error={errorOf('payment_id')}>
        {(control) => <Input {...control} {...form.register('payment_id')} autoComplete="off" />}
      </Field>
      <Foot verb={text.settle} failure={failure} isBusy={isBusy} onClose={onClose} />
    </form>
  )
}

const Foot = ({
  verb,
  failure,
  isBusy,
  onClose,
}: {
  verb: string
  failure: unknown
  isBusy: boolean
  onClose: () => void
}) => (
  <>
    {failure !== undefined && <Problem error={failure} />}
    <div className="flex justify-end gap-2">
      <Button onClick={onClose}>{shared.cancel}</Button>
      <Button look="primary" type="submit" isBusy={isBusy}>
        {verb}
      </Button>
    </div>
  </>
)
