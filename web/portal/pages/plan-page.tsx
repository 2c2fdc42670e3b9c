import { useState } from 'react'
import { text } from '@/text/billing.ts'
import { Button } from '@/ui/button.tsx'
import { classNames } from '@/ui/class-names.ts'
import { Problem } from '@/ui/problem.tsx'
import { Badge, Card, Empty, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { useMe } from '../session.ts'
import { ChangeDialog } from './billing/change-dialog.tsx'
import { feeOf, planWords } from './billing/plan-words.ts'
import { type Plan, useMonth, usePlans, useSubscriptions } from './billing/read-billing.ts'
import { SpendingCard } from './billing/spending-card.tsx'
import { SubscriptionCard } from './billing/subscription-card.tsx'

/** The plan of the organization, what is used of it, what that costs, and the plans to change to. */
export function PlanPage() {
  const me = useMe()
  const plans = usePlans()
  const subscriptions = useSubscriptions()
  const month = useMonth()
  const [wanted, setWanted] = useState<Plan>()
  const isOwner = me?.user.role === 'owner'
  const error = plans.error ?? subscriptions.error
  if (error !== null)
    return (
      <Problem error={error} onRetry={() => void Promise.all([plans.refetch(), subscriptions.refetch()])} />
    )
  const running = subscriptions.data?.filter(({ status }) => status !== 'ended' && status !== 'incomplete')
  const currency = plans.data?.find(({ is_current }) => is_current)?.currency ?? 'USD'
  return (
    <>
      <PageHeader title={text.plan} description={text.planLead} />
      <div className="grid grid-cols-1 gap-5">
        {running === undefined || plans.data === undefined ? (
          <Skeleton className="h-32" />
        ) : running.length === 0 ? (
          <Empty title={text.none}>{text.noneHelp}</Empty>
        ) : (
          running.map((subscription) => (
            <SubscriptionCard
              key={subscription.id}
              subscription={subscription}
              month={month.data?.subscriptions.find((one) => one.subscription_id === subscription.id)}
              plans={plans.data}
              isOwner={isOwner}
            />
          ))
        )}
        <SpendingCard currency={currency} mayCap={isOwner || me?.user.role === 'admin'} />
        <Card title={text.plans} {...(isOwner ? {} : { description: text.ownersOnly })}>
          <ul className={classNames('grid gap-3 sm:grid-cols-2', columnsFor(plans.data?.length ?? 0))}>
            {plans.data?.map((plan) => (
              <PlanCard key={plan.id} plan={plan} onChoose={isOwner ? () => setWanted(plan) : undefined} />
            ))}
          </ul>
        </Card>
      </div>
      <ChangeDialog plan={wanted} onClose={() => setWanted(undefined)} />
    </>
  )
}

/** No plan stands alone in a row of its own where that can be helped. */
const columnsFor = (plans: number): string =>
  plans % 3 === 0 || plans === 5 ? 'lg:grid-cols-3' : plans === 2 ? '' : 'lg:grid-cols-4'

function PlanCard({ plan, onChoose }: { plan: Plan; onChoose: (() => void) | undefined }) {
  return (
    <li className="flex flex-col gap-2 rounded-lg border p-4">
      <p className="flex items-center justify-between gap-2">
        <span className="truncate font-semibold">{plan.name}</span>
        {plan.is_current && <Badge tone="accent">{text.current}</Badge>}
      </p>
      <p>
        <span className="tabular text-xl font-semibold tracking-tight">{feeOf(plan)}</span>
        {plan.price_monthly > 0 && <span className="text-quiet"> {text.aMonth}</span>}
      </p>
      {plan.description !== '' && <p className="text-quiet">{plan.description}</p>}
      <ul className="grid flex-1 content-start gap-1 text-[13px] text-quiet">
        {planWords(plan).map((word) => (
          <li key={word}>{word}</li>
        ))}
      </ul>
      {onChoose !== undefined && !plan.is_current && plan.is_on_offer && (
        <Button onClick={onChoose}>{text.choose(plan.name)}</Button>
      )}
    </li>
  )
}
