import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useEffect, useState } from 'react'
import { call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/methods.ts'
import { text as paying } from '@/text/paying.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { optimistic } from '@/ui/optimistic.ts'
import { Problem } from '@/ui/problem.tsx'
import { Status } from '@/ui/show.tsx'
import { Badge, Empty, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useMe } from '../session.ts'
import { methodName, type PaymentMethod, useMethods } from './billing/read-methods.ts'
import { usePaymentProviders } from './billing/read-payments.ts'

/** The cards that invoices are paid by. */
export function PaymentMethodsPage() {
  const methods = useMethods()
  const isOwner = useMe()?.user.role === 'owner'
  const isBack = useCardLeft()
  return (
    <>
      <PageHeader title={text.methods} description={text.lead} actions={isOwner && <AddMethod />} />
      {isBack && <p className="mb-3 text-[13px] text-quiet">{text.left}</p>}
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

/** Leads to the page of the provider on which a card is left; shown where there is a provider. */
function AddMethod() {
  const providers = usePaymentProviders()
  const add = useMutation({
    mutationFn: () => call<{ readonly setup_url: string }>('POST', '/api/v1/billing/payment-methods', {}),
    onSuccess: ({ setup_url }) => location.assign(setup_url),
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  if (providers === undefined || providers.length === 0) return null
  return (
    <Button look="primary" isBusy={add.isPending || add.isSuccess} onClick={() => add.mutate()}>
      <Plus size={15} aria-hidden /> {text.add}
    </Button>
  )
}

const month = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' })

const looks = 10
const lookEveryMs = 2_000

/** Whether somebody comes back from leaving a card; looks for it for a while, as its provider may be slower than they are. */
function useCardLeft(): boolean {
  const client = useQueryClient()
  const [isBack] = useState(() => new URLSearchParams(location.search).get('card') === 'left')
  useEffect(() => {
    if (!isBack) return
    let done = 0
    const timer = setInterval(() => {
      done += 1
      if (done >= looks) clearInterval(timer)
      void client.invalidateQueries({ queryKey: ['payment-methods'] })
    }, lookEveryMs)
    return () => clearInterval(timer)
  }, [client, isBack])
  return isBack
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
    mutationFn: (wish: string) => call('POST', `/api/v1/billing/payment-methods/${wish}/default`, {}),
    ...optimistic<readonly PaymentMethod[], string>(client, ['payment-methods'], (known, wish) =>
      known.map((one) => ({ ...one, is_default: one.id === wish })),
    ),
  })
  const makeDefault = (): void => {
    const before = client
      .getQueryData<readonly PaymentMethod[]>(['payment-methods'])
      ?.find((one) => one.is_default)
    choose.mutate(id, {
      onSuccess: () =>
        say(text.madeDefault, before === undefined ? {} : { undo: () => choose.mutate(before.id) }),
    })
  }
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
          {expires_at !== null && ` · ${text.ends} ${month.format(Date.parse(expires_at))}`}
        </p>
        {decline_code !== null && <p className="text-[13px] text-danger">{text.declined(decline_code)}</p>}
      </div>
      {isOwner && (
        <div className="flex flex-wrap gap-2">
          {!is_default && status === 'active' && (
            <Button size="small" onClick={makeDefault}>
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
