import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { readPage } from '@/data/api.ts'
import { text as portal } from '@/text/portal.ts'
import { text } from '@/text/webhooks.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Status, Time } from '@/ui/show.tsx'
import { Empty, PageHeader } from '@/ui/surface.tsx'
import { type Endpoint, endpointsPath, type WithSecret } from './webhooks/endpoint.ts'
import { EndpointForm, SecretDialog } from './webhooks/endpoint-form.tsx'

/** The addresses that hear of what happens in the organization. */
export function WebhooksPage() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<WithSecret>()
  const list = useQuery({
    queryKey: ['webhooks'],
    queryFn: ({ signal }) => readPage<Endpoint>(`${endpointsPath}?limit=100&sort=-id`, signal),
  })
  const rows = list.data?.rows
  const open = ({ id }: Endpoint): void => void navigate({ to: '/portal/webhooks/$id', params: { id } })
  const makeButton = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={15} aria-hidden /> {text.newEndpoint}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={text.webhooks}
        description={text.lead}
        actions={(rows?.length ?? 0) > 0 && makeButton}
      />
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 ? (
        <Empty title={text.none} action={makeButton}>
          {text.noneHelp}
        </Empty>
      ) : (
        <DataTable
          stacks
          label={text.webhooks}
          rows={rows}
          rowKey={({ id }) => id}
          onOpen={open}
          columns={[
            {
              key: 'url',
              heading: text.url,
              cell: ({ url, description }) => (
                <>
                  <span className="font-medium">{url}</span>
                  {description !== '' && <span className="block text-[13px] text-quiet">{description}</span>}
                </>
              ),
            },
            { key: 'status', heading: portal.status, cell: ({ status }) => <Status value={status} /> },
            { key: 'events', heading: text.events, cell: ({ events }) => eventsOf(events) },
            {
              key: 'failing',
              heading: text.failing,
              cell: ({ failing_since }) => <Time at={failing_since} />,
            },
          ]}
        />
      )}
      <Dialog isOpen={isMaking} onClose={() => setMaking(false)} title={text.newEndpoint}>
        <EndpointForm<WithSecret>
          onCancel={() => setMaking(false)}
          onDone={(endpoint) => {
            setMaking(false)
            setMade(endpoint)
            void client.invalidateQueries({ queryKey: ['webhooks'] })
          }}
        />
      </Dialog>
      <SecretDialog
        secret={made?.secret}
        onClose={() => {
          if (made !== undefined) open(made)
          setMade(undefined)
        }}
      />
    </>
  )
}

const eventsOf = (events: readonly string[] | null): string =>
  events === null || events.length === 0 ? text.everything : events.join(', ')
