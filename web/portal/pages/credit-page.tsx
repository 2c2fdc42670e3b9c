import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useCallOnce } from '@/data/use-call-once.ts'
import { text as billing } from '@/text/billing.ts'
import { text } from '@/text/credit.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { Figure } from '@/ui/figure.tsx'
import { minorOf } from '@/ui/minor-units.ts'
import { Problem } from '@/ui/problem.tsx'
import { money } from '@/ui/show.tsx'
import { Card, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { useMe } from '../session.ts'
import { type Credit, useCredit, usePlans } from './billing/read-billing.ts'

/** What is left of prepaid credit, and more of it: where a 402 of the gateway leads to. */
export function CreditPage() {
  const credit = useCredit()
  const plans = usePlans()
  const role = useMe()?.user.role
  const currency = plans.data?.find(({ is_current }) => is_current)?.currency ?? 'USD'
  const failed = credit.error === null ? plans : credit
  if (failed.error !== null) return <Problem error={failed.error} onRetry={() => void failed.refetch()} />
  return (
    <>
      <PageHeader
        title={text.credit}
        description={text.creditLead}
        actions={
          <Link to="/portal/plan" className={buttonClass('plain')}>
            {billing.seePlans}
          </Link>
        }
      />
      <div className="grid grid-cols-1 gap-5">
        {credit.data === undefined || plans.data === undefined ? (
          <Skeleton className="h-24" />
        ) : (
          (credit.data.length > 0 ? credit.data : [nothingIn(currency)]).map((one) => (
            <Standing key={one.currency} credit={one} />
          ))
        )}
        <Card title={text.buy} description={text.buyLead}>
          {role === 'owner' ? <BuyForm currency={credit.data?.[0]?.currency ?? currency} /> : text.onlyOwners}
        </Card>
      </div>
    </>
  )
}

const nothingIn = (currency: string): Credit => ({
  currency,
  balance: 0,
  used: 0,
  available: 0,
  is_prepaid: false,
})

function Standing({ credit }: { credit: Credit }) {
  const { currency, balance, used, available, is_prepaid: isPrepaid } = credit
  if (!isPrepaid)
    return <Figure label={text.balance} value={money(balance, currency)} note={text.balanceNote} />
  return (
    <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
      <Figure
        label={text.available}
        value={money(available, currency)}
        note={available > 0 ? text.availableNote : text.usedUp}
      />
      <Figure label={text.balance} value={money(balance, currency)} />
      <Figure label={text.used} value={money(used, currency)} note={text.usedNote} />
    </div>
  )
}

function BuyForm({ currency }: { currency: string }) {
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const amount = minorOf(typed, currency)
  const callOnce = useCallOnce()
  const buy = useMutation({
    mutationFn: () =>
      callOnce<{ readonly invoice_id: string }>('POST', '/api/v1/billing/credits', { amount, currency }),
    onSuccess: ({ invoice_id: id }) => navigate({ to: '/portal/invoices/$id', params: { id } }),
  })
  const isWrong = typed !== '' && (amount === undefined || amount === null || amount <= 0)
  return (
    <form
      className="grid max-w-sm gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (typed !== '' && !isWrong) buy.mutate()
      }}
      noValidate
    >
      <Field label={text.amount} unit={currency} error={isWrong ? billing.invalidAmount : undefined}>
        {(control) => (
          <Input
            {...control}
            value={typed}
            inputMode="decimal"
            autoComplete="off"
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
      </Field>
      {buy.error !== null && <Problem error={buy.error} />}
      <Button
        type="submit"
        look="primary"
        isBusy={buy.isPending || buy.isSuccess}
        className="justify-self-start"
      >
        {text.buyNow}
      </Button>
    </form>
  )
}
