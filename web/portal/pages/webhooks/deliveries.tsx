import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, readPage, wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/webhooks.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Status, Time } from '@/ui/show.tsx'
import { Card, Empty } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useAddressFilters } from '../../address-filters.ts'
import { endpointsPath } from './endpoint.ts'

interface Delivery {
  readonly id: string
  readonly event_id: string
  readonly type: string
  readonly record_id: string
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly attempts: number
  readonly response_status: number | null
  readonly duration_ms: number | null
  readonly error: string | null
  readonly next_attempt_at: string | null
  readonly created_at: string
}

const states = ['pending', 'delivered', 'failed']
const path = '/api/webhook_deliveries'

/** What an endpoint was sent, the newest first; looked at again while something is on its way. */
export function Deliveries({ endpointId }: { endpointId: string }) {
  const client = useQueryClient()
  const [{ state }, filter] = useAddressFilters(['state'])
  const [isAsking, setAsking] = useState(false)
  const query = new URLSearchParams({ endpoint_id: endpointId, sort: '-id', limit: '25' })
  if (states.includes(state)) query.set('state', state)
  const list = useInfiniteQuery({
    queryKey: ['deliveries', query.toString()],
    queryFn: ({ pageParam, signal }) =>
      readPage<Delivery>(
        `${path}?${query}${pageParam === '' ? '' : `&cursor=${encodeURIComponent(pageParam)}`}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ rows }) => rows.some((row) => row.state === 'pending')) ? 2_000 : 10_000,
  })
  const replay = useMutation({
    mutationFn: ({ id }: Delivery) => call('POST', `${path}/${id}/replay`, {}),
    onSuccess: () => say(text.replayed),
    onError: (error) => say(wordsOf(error), { isBad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ['deliveries'] }),
  })
  const rows = list.data?.pages.flatMap((page) => page.rows)
  return (
    <Card
      title={text.deliveries}
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <Select
            aria-label={text.stateLabel}
            className="h-8! w-auto!"
            value={states.includes(state) ? state : ''}
            onChange={(event) => filter({ state: event.target.value })}
          >
            <option value="">{text.allStates}</option>
            {states.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
          <Button size="small" onClick={() => setAsking(true)}>
            {text.replaySince}
          </Button>
        </div>
      }
    >
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 ? (
        state === '' ? (
          <Empty title={text.noDeliveries}>{text.noDeliveriesHelp}</Empty>
        ) : (
          <p className="text-quiet">{text.noneInState}</p>
        )
      ) : (
        <DataTable
          stacks
          label={text.deliveries}
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'type',
              heading: text.event,
              cell: ({ type, event_id, record_id }) => (
                <>
                  <code title={event_id}>{type}</code>
                  <code className="block text-[13px] text-quiet">{record_id}</code>
                </>
              ),
            },
            { key: 'state', heading: text.stateLabel, cell: ({ state }) => <Status value={state} /> },
            { key: 'answer', heading: text.answer, cell: answerOf },
            { key: 'attempts', heading: text.attempts, isNumber: true, cell: ({ attempts }) => attempts },
            { key: 'at', heading: text.happened, cell: ({ created_at }) => <Time at={created_at} /> },
            {
              key: 'next',
              heading: text.nextAttempt,
              cell: ({ state, next_attempt_at }) => (
                <Time at={state === 'pending' ? next_attempt_at : null} />
              ),
            },
            {
              key: 'do',
              heading: '',
              cell: (delivery) =>
                delivery.state !== 'pending' && (
                  <Button
                    size="small"
                    aria-label={text.replayOne(delivery.type, delivery.record_id)}
                    isBusy={replay.isPending && replay.variables.id === delivery.id}
                    onClick={() => replay.mutate(delivery)}
                  >
                    {text.replay}
                  </Button>
                ),
            },
          ]}
        />
      )}
      {list.hasNextPage && (
        <div className="mt-3 text-center">
          <Button isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {shared.more}
          </Button>
        </div>
      )}
      <Dialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={text.replaySince}
        description={text.replaySinceHelp}
      >
        <ReplayForm endpointId={endpointId} onClose={() => setAsking(false)} />
      </Dialog>
    </Card>
  )
}

const answerOf = ({ response_status, duration_ms, error }: Delivery) => (
  <span title={error ?? undefined}>
    {[response_status, error ?? (duration_ms === null ? null : `${duration_ms} ms`)]
      .filter((part) => part !== null)
      .join(' · ') || '—'}
  </span>
)

function ReplayForm({ endpointId, onClose }: { endpointId: string; onClose: () => void }) {
  const client = useQueryClient()
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ since: '' }, async ({ since }) => {
    const at = since === '' ? '' : new Date(since).toISOString()
    await call('POST', `${endpointsPath}/${endpointId}/replay`, { since: at })
    say(text.replayed)
    onClose()
    await client.invalidateQueries({ queryKey: ['deliveries'] })
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.since} error={errorOf('since')}>
        {(control) => <Input {...control} {...form.register('since')} type="datetime-local" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {text.replay}
        </Button>
      </div>
    </form>
  )
}
