import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/methods.ts'
import { text as paying } from '@/text/paying.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Status } from '@/ui/show.tsx'
import { Badge, Empty, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useMe } from '../session.ts'
import { methodName, type PaymentMethod, useMethods } from './billing/read-methods.ts'

/** The cards that invoices are paid by. */
export function PaymentMethodsPage() {
  const methods = useMethods()
  const isOwner = useMe()?.user.role === 'owner'
  return (
    <>
      <PageHeader title={text.methods} description={text.lead} />
      {methods.error !== null ? (
        <Problem error={methods.error} onRetry={() => void methods.refetch()} />
      ) : methods.data === undefined ? (
        <Skeleton className="h-24" />
      ) : methods.data.length === 0 ? (
        <Empty
          title={text.none}
          action={
            <Link to="/portal/invoices" className={buttonClass()}>
              {text.seeInvoices}
            </Link>
          }
        >
          {text.noneHelp}
        </Empty>
      ) : (
        <ul className="grid grid-cols-1 gap-3">
          {methods.data.map((method) => (
            <Method key={method.id} method={method} isOwner={isOwner} />
          ))}
        </ul>
      )}
      {!isOwner && <p className="mt-3 text-[13px] text-quiet">{text.ownersOnly}</p>}
    </>
  )
}

function Method({ method, isOwner }: { method: PaymentMethod; isOwner: boolean }) {
  const client = useQueryClient()
  const [isAsking, setAsking] = useState(false)
  const { id, provider, expires_at, is_default, status, decline_code } = method
  const address = `/api/v1/billing/payment-methods/${id}`
  const done = (words: string) => () => {
    say(words)
    setAsking(false)
    return client.invalidateQueries({ queryKey: ['payment-methods'] })
  }
  const choose = useMutation({
    mutationFn: () => call('POST', `${address}/default`, {}),
    onSuccess: done(text.madeDefault),
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  const remove = useMutation({
    mutationFn: () => call('DELETE', address),
    onSuccess: done(text.removed),
  })
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 rounded-lg border bg-surface p-4">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="tabular font-semibold">{methodName(method)}</span>
          {is_default && <Badge tone="accent">{text.isDefault}</Badge>}
          {status !== 'active' && <Status value={status} />}
        </p>
        <p className="text-[13px] text-quiet">
          {paying.providers[provider] ?? provider}
          {expires_at !== null && ` · ${text.ends} ${expires_at.slice(0, 7)}`}
        </p>
        {decline_code !== null && <p className="text-[13px] text-danger">{text.declined(decline_code)}</p>}
      </div>
      {isOwner && (
        <div className="flex flex-wrap gap-2">
          {!is_default && status === 'active' && (
            <Button size="small" isBusy={choose.isPending} onClick={() => choose.mutate()}>
              {text.makeDefault}
            </Button>
          )}
          <Button size="small" look="quiet" onClick={() => setAsking(true)}>
            {text.remove}
          </Button>
        </div>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => {
          setAsking(false)
          remove.reset()
        }}
        onConfirm={() => remove.mutate()}
        title={text.removeTitle(methodName(method))}
        verb={text.remove}
        isBusy={remove.isPending}
        error={remove.error === null ? undefined : wordsOf(remove.error)}
      >
        {text.removeHelp}
      </ConfirmDialog>
    </li>
  )
}
