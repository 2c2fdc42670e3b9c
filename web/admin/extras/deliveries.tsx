import { type InfiniteData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { call, type Page, readPage } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/extras.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { optimistic } from '@/ui/optimistic.ts'
import { Known } from '@/ui/problem.tsx'
import { Nothing, Status, Time } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import type { ModuleRecord } from '../module/schema.ts'

interface Delivery {
  readonly id: string
  readonly type: string
  readonly state: string
  readonly attempts: number
  readonly response_status: number | null
  readonly error: string | null
  readonly created_at: string
}

/** What a webhook endpoint was sent, and sending it again. */
export function Deliveries({ record }: { record: ModuleRecord }) {
  const client = useQueryClient()
  const queryKey = ['module', 'webhook_delivery', record.id]
  const navigate = useNavigate()
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ endpoint_id: record.id, sort: '-id', limit: '10' })
      if (pageParam !== '') query.set('cursor', pageParam)
      return readPage<Delivery>(`/api/webhook_deliveries?${query}`, signal)
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: 5_000,
  })
  const rows = list.data?.pages.flatMap((page) => page.rows)
  const again = useMutation({
    mutationFn: (id: string) => call('POST', `/api/webhook_deliveries/${id}/replay`, {}),
    onSuccess: () => say(text.queuedAgain),
    ...optimistic<InfiniteData<Page<Delivery>>, string>(client, queryKey, (known, id) => ({
      ...known,
      pages: known.pages.map((page) => ({
        ...page,
        rows: page.rows.map((one) => (one.id === id ? { ...one, state: 'pending' } : one)),
      })),
    })),
  })
  return (
    <Card title={text.deliveries} description={text.deliveriesLead} className="mt-5">
      <Known of={list}>
        {rows?.length === 0 ? (
          <p className="text-quiet">{text.noDeliveries}</p>
        ) : (
          <DataTable
            label={text.deliveries}
            stacks
            rows={rows}
            onOpen={({ id }) =>
              void navigate({ to: '/ui/m/$plural/$id', params: { plural: 'webhook_deliveries', id } })
            }
            rowKey={({ id }) => id}
            columns={[
              { key: 'type', heading: text.event, cell: ({ type }) => type },
              { key: 'state', heading: text.state, cell: ({ state }) => <Status value={state} /> },
              { key: 'attempts', heading: text.attempts, isNumber: true, cell: ({ attempts }) => attempts },
              {
                key: 'answer',
                heading: text.answer,
                cell: ({ response_status: status, error }) =>
                  status === null && error === null ? (
                    <Nothing />
                  ) : (
                    <span title={error ?? ''}>{status ?? error}</span>
                  ),
              },
              { key: 'when', heading: text.when, cell: ({ created_at }) => <Time at={created_at} /> },
              {
                key: 'do',
                heading: '',
                cell: ({ id, state }) =>
                  state !== 'pending' && (
                    <Button
                      size="small"
                      onClick={(event) => {
                        event.stopPropagation()
                        again.mutate(id)
                      }}
                    >
                      {text.again}
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
      </Known>
    </Card>
  )
}
