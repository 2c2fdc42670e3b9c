import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { call, read, wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/webhooks.ts'
import { Button } from '@/ui/button.tsx'
import { ConfirmDialog, Dialog } from '@/ui/dialog.tsx'
import { optimistic } from '@/ui/optimistic.ts'
import { Problem } from '@/ui/problem.tsx'
import { Status, Time } from '@/ui/show.tsx'
import { Banner, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { Deliveries } from './webhooks/deliveries.tsx'
import { type Endpoint, endpointsPath, type WithSecret } from './webhooks/endpoint.ts'
import { EndpointForm, SecretDialog } from './webhooks/endpoint-form.tsx'

type Asking = 'edit' | 'rotate' | 'delete'

/** One endpoint: how it stands, what it was sent, and what can be done with it. */
export function WebhookPage() {
  const { id } = useParams({ strict: false }) as { id: string }
  const endpoint = useQuery({
    queryKey: ['webhooks', id],
    queryFn: ({ signal }) => read<Endpoint>(`${endpointsPath}/${id}`, signal),
  })
  if (endpoint.error !== null)
    return <Problem error={endpoint.error} onRetry={() => void endpoint.refetch()} />
  return endpoint.data === undefined ? (
    <Skeleton className="h-40" />
  ) : (
    <EndpointView key={id} endpoint={endpoint.data} />
  )
}

function EndpointView({ endpoint }: { endpoint: Endpoint }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState<Asking>()
  const [secret, setSecret] = useState<string>()
  const address = `${endpointsPath}/${endpoint.id}`
  const again = (): Promise<unknown> =>
    Promise.all(['webhooks', 'deliveries'].map((key) => client.invalidateQueries({ queryKey: [key] })))
  const test = useMutation({
    mutationFn: () => call('POST', `${address}/test`, {}),
    onSuccess: () => say(text.tested),
    onError: (error) => say(wordsOf(error), { isBad: true }),
    onSettled: again,
  })
  const turn = useMutation({
    mutationFn: (way: 'pause' | 'activate') => call('POST', `${address}/${way}`, {}),
    ...optimistic<Endpoint, 'pause' | 'activate'>(client, ['webhooks', endpoint.id], (known, way) => ({
      ...known,
      status: way === 'pause' ? 'paused' : 'active',
    })),
    onSuccess: (_, way) => {
      const back = way === 'pause' ? 'activate' : 'pause'
      say(way === 'pause' ? text.pausedNow : text.activatedNow, { undo: () => turn.mutate(back) })
    },
  })
  const rotate = useMutation({
    mutationFn: () => call<WithSecret>('POST', `${address}/rotate-secret`, {}),
    onSuccess: (rotated) => {
      setAsking(undefined)
      setSecret(rotated.secret)
      return again()
    },
  })
  const remove = useMutation({
    mutationFn: () => call('DELETE', address),
    onSuccess: async () => {
      client.removeQueries({ queryKey: ['webhooks', endpoint.id] })
      await navigate({ to: '/portal/webhooks' })
      await client.invalidateQueries({ queryKey: ['webhooks'] })
    },
  })
  const isActive = endpoint.status === 'active'
  const close = (): void => {
    setAsking(undefined)
    rotate.reset()
    remove.reset()
  }
  return (
    <>
      <Link to="/portal/webhooks" className="mb-2 inline-block text-[13px] text-quiet hover:text-text">
        ← {text.webhooks}
      </Link>
      <PageHeader
        title={endpoint.url}
        description={
          <>
            <Status value={endpoint.status} />{' '}
            {endpoint.description === ''
              ? (endpoint.events ?? [text.everything]).join(', ')
              : endpoint.description}
          </>
        }
        actions={
          <>
            <Button look="primary" disabled={!isActive} isBusy={test.isPending} onClick={() => test.mutate()}>
              {text.test}
            </Button>
            <Button onClick={() => turn.mutate(isActive ? 'pause' : 'activate')}>
              {isActive ? text.pause : text.activate}
            </Button>
            <Button onClick={() => setAsking('edit')}>{shared.edit}</Button>
            <Button onClick={() => setAsking('rotate')}>{text.rotate}</Button>
            <Button look="danger" onClick={() => setAsking('delete')}>
              {shared.delete}
            </Button>
          </>
        }
      />
      <Standing endpoint={endpoint} />
      <Deliveries endpointId={endpoint.id} />
      <Dialog isOpen={asking === 'edit'} onClose={close} title={text.editEndpoint}>
        <EndpointForm
          endpoint={endpoint}
          onCancel={close}
          onDone={() => {
            close()
            say(shared.saved)
            void again()
          }}
        />
      </Dialog>
      <ConfirmDialog
        isOpen={asking === 'rotate'}
        onClose={close}
        onConfirm={() => rotate.mutate()}
        title={text.rotateTitle}
        verb={text.rotate}
        isBusy={rotate.isPending}
        error={rotate.error === null ? undefined : wordsOf(rotate.error)}
      >
        {text.rotateHelp}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={asking === 'delete'}
        onClose={close}
        onConfirm={() => remove.mutate()}
        title={text.deleteTitle}
        verb={shared.delete}
        typed={hostOf(endpoint.url)}
        isBusy={remove.isPending}
        error={remove.error === null ? undefined : wordsOf(remove.error)}
      >
        {text.deleteHelp}
      </ConfirmDialog>
      <SecretDialog secret={secret} onClose={() => setSecret(undefined)} />
    </>
  )
}

function Standing({ endpoint }: { endpoint: Endpoint }) {
  const { status, failing_since, last_error, previous_secret_until } = endpoint
  const hasFormer = previous_secret_until !== null && Date.parse(previous_secret_until) > Date.now()
  return (
    <>
      {status !== 'active' && (
        <Banner tone={status === 'disabled' ? 'bad' : 'warning'}>{text[status]}</Banner>
      )}
      {failing_since !== null && (
        <Banner tone="bad">
          {text.failing} <Time at={failing_since} />
          {last_error !== null && `: ${last_error}`}
        </Banner>
      )}
      {hasFormer && (
        <Banner>
          {text.formerUntil} <Time at={previous_secret_until} />.
        </Banner>
      )}
    </>
  )
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)
