import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, read, readPage } from '@/data/api.ts'
import { text } from '@/text/money-desk.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Problem } from '@/ui/problem.tsx'
import { calendarDay, count, Status, Time } from '@/ui/show.tsx'
import { Card, Skeleton } from '@/ui/surface.tsx'
import { unitMoney } from '@/ui/unit-money.ts'
import type { ModuleRecord } from '../module/schema.ts'
import { RecordLink } from '../module/value.tsx'
import { useOperator } from '../session.ts'
import { ChangePlan } from './change-plan.tsx'
import { ExtendTrial } from './extend-trial.tsx'

interface Change {
  readonly id: string
  readonly at: string
  readonly reason: string
  readonly to_plan_id: string
  readonly to_status: string
}
interface Running {
  readonly period_start: string
  readonly period_end: string
  readonly total_amount: string
  readonly currency: string
  readonly lines: readonly {
    readonly description: string
    readonly quantity: number
    readonly unit_price: string
    readonly amount: string
  }[]
}

const changeable = ['trialing', 'active', 'past_due']

/** What a subscription comes to, what became of it, and changing its plan or its trial. */
export function Subscription({ record }: { record: ModuleRecord }) {
  const [doing, setDoing] = useState<'plan' | 'trial'>()
  const role = useOperator()?.role
  const status = String(record['status'])
  const close = (): void => setDoing(undefined)
  return (
    <>
      <Card
        title={text.plan}
        description={text.planLead}
        className="mt-5"
        actions={
          role !== 'support' && (
            <span className="flex gap-2">
              {status === 'trialing' && (
                <Button size="small" onClick={() => setDoing('trial')}>
                  {text.extend}
                </Button>
              )}
              {changeable.includes(status) && (
                <Button size="small" look="primary" onClick={() => setDoing('plan')}>
                  {text.changePlan}
                </Button>
              )}
            </span>
          )
        }
      >
        <dl className="mb-4 grid gap-3 sm:grid-cols-3">
          <Said label={text.current}>
            <RecordLink id={String(record['plan_id'])} />
          </Said>
          {typeof record['pending_plan_id'] === 'string' && (
            <Said label={text.pending}>
              <RecordLink id={record['pending_plan_id']} />
            </Said>
          )}
          {status === 'trialing' && (
            <Said label={text.trial}>
              <Time at={String(record['trial_end'])} isExact />
            </Said>
          )}
        </dl>
        <RunningPeriod id={record.id} isServed={status !== 'ended'} />
      </Card>
      <History id={record.id} />
      <ChangePlan subscription={record} isOpen={doing === 'plan'} onClose={close} />
      <ExtendTrial subscription={record} isOpen={doing === 'trial'} onClose={close} />
    </>
  )
}

const Said = ({ label, children }: { label: string; children: React.ReactNode }) => (
  <div>
    <dt className="text-[13px] text-quiet">{label}</dt>
    <dd>{children}</dd>
  </div>
)

function RunningPeriod({ id, isServed }: { id: string; isServed: boolean }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['module', 'subscription', 'running', id],
    queryFn: ({ signal }) => read<Running>(`/admin/billing/subscriptions/${id}/preview`, signal),
    enabled: isServed,
    retry: false,
  })
  // One without a period under way has nothing to say, which is no failure.
  if (!isServed || (error instanceof ApiError && error.status < 500)) return null
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Skeleton className="h-28" />
  return (
    <>
      <p className="mb-2 text-[13px] text-quiet">
        {text.soFarLead(calendarDay(data.period_start), calendarDay(data.period_end))}
      </p>
      <DataTable
        label={text.soFar}
        stacks
        rows={[
          ...data.lines,
          { description: text.total, quantity: 0, unit_price: '', amount: data.total_amount },
        ]}
        rowKey={({ description, amount }) => `${description} ${amount}`}
        columns={[
          { key: 'description', heading: text.soFar, cell: ({ description }) => description },
          {
            key: 'quantity',
            heading: text.quantity,
            isNumber: true,
            cell: ({ quantity }) => (quantity === 0 ? '' : count(quantity)),
          },
          {
            key: 'unit',
            heading: text.unitPrice,
            isNumber: true,
            cell: ({ unit_price }) => (unit_price === '' ? '' : unitMoney(unit_price, data.currency)),
          },
          {
            key: 'amount',
            heading: text.sum,
            isNumber: true,
            cell: ({ amount }) => unitMoney(amount, data.currency),
          },
        ]}
      />
    </>
  )
}

function History({ id }: { id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ['module', 'subscription_change', id],
    queryFn: ({ signal }) =>
      readPage<Change>(
        `/api/subscription_changes?subscription_id=${encodeURIComponent(id)}&sort=-at&limit=25`,
        signal,
      ),
  })
  return (
    <Card title={text.history} className="mt-5">
      {error !== null ? (
        <Problem error={error} onRetry={() => void refetch()} />
      ) : data?.rows.length === 0 ? (
        <p className="text-quiet">{text.noHistory}</p>
      ) : (
        <DataTable
          label={text.history}
          stacks
          rows={data?.rows}
          rowKey={(change) => change.id}
          columns={[
            { key: 'at', heading: text.when, cell: ({ at }) => <Time at={at} /> },
            { key: 'reason', heading: text.reason, cell: ({ reason }) => reason.replaceAll('_', ' ') },
            { key: 'plan', heading: text.plan, cell: ({ to_plan_id }) => <RecordLink id={to_plan_id} /> },
            { key: 'status', heading: text.status, cell: ({ to_status }) => <Status value={to_status} /> },
          ]}
        />
      )}
    </Card>
  )
}
