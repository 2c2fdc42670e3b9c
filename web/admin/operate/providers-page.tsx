import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { labelOf } from '#core/schema/label.ts'
import { call, read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/operate.ts'
import { Button } from '@/ui/button.tsx'
import { optimistic } from '@/ui/optimistic.ts'
import { Known } from '@/ui/problem.tsx'
import { Badge, Card, PageHeader, Skeleton } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useOperator } from '../session.ts'
import { ConfigureProvider } from '../settings/configure-provider.tsx'

interface Provider {
  readonly name: string
  readonly capability: string
  readonly provider: string
  readonly description: string
  readonly is_active: boolean
  readonly is_enabled: boolean
  readonly is_configured: boolean
  readonly problems: readonly string[]
  readonly only: string | null
}
interface Tested {
  readonly provider: string
  readonly status: string
  readonly error: string | null
}

const sayTested = (tests: readonly Tested[]): void => {
  for (const { provider, status, error } of tests) {
    const isGood = status === 'connected'
    const words = isGood
      ? text.connected(provider)
      : text.notConnected(provider, error ?? status.replace('_', ' '))
    if (!isGood || tests.length === 1) say(words, { isBad: !isGood })
  }
  if (tests.length > 1 && tests.every(({ status }) => status === 'connected'))
    say(text.connected(tests.map(({ provider }) => provider).join(', ')))
}

/** Who does what: tested, switched on and off, and put in each other's place. */
export function ProvidersPage() {
  const client = useQueryClient()
  const isSuperadmin = useOperator()?.role === 'superadmin'
  const list = useQuery({
    queryKey: ['providers'],
    queryFn: ({ signal }) => read<readonly Provider[]>('/admin/providers', signal),
  })
  const act = useMutation({
    mutationFn: async ({ path, body }: { path: string; body?: unknown; done?: string }) => {
      const answer = await call('POST', path, body ?? {})
      if (path.endsWith('/test')) sayTested(answer as readonly Tested[])
    },
    onSuccess: (_, { done }) => {
      if (done !== undefined) say(done)
      return client.invalidateQueries({ queryKey: ['providers'] })
    },
    onError: (refusal) => say(wordsOf(refusal), { isBad: true }),
  })
  const toggle = useMutation({
    mutationFn: ({ name, is_enabled }: Provider) =>
      call('POST', `/admin/providers/${name}/${is_enabled ? 'disable' : 'enable'}`, {}),
    ...optimistic<readonly Provider[], Provider>(client, ['providers'], (providers, { name, is_enabled }) =>
      providers.map((one) => (one.name === name ? { ...one, is_enabled: !is_enabled } : one)),
    ),
  })
  const { data } = list
  const providersOf = (capability: string): readonly Provider[] =>
    data?.filter((one) => one.capability === capability) ?? []
  const capabilities = [...new Set(data?.map(({ capability }) => capability))]
  return (
    <>
      <PageHeader
        title={text.providers}
        description={text.providersLead}
        actions={
          <Button isBusy={act.isPending} onClick={() => act.mutate({ path: '/admin/providers/test' })}>
            {text.testAll}
          </Button>
        }
      />
      <Known of={list}>
        {data === undefined && <Skeleton className="h-64" />}
        <div className="grid grid-cols-1 gap-5">
          {capabilities.map((capability) => (
            <Card key={capability} title={labelOf(capability)}>
              {providersOf(capability).every((one) => !one.is_active) && (
                <p className="pb-3 text-[13px] text-quiet">{text.nobodyChosen(capability)}</p>
              )}
              <ul className="divide-y">
                {providersOf(capability).map((one) => (
                  <li
                    key={one.name}
                    className="flex flex-wrap items-start justify-between gap-2 py-3 first:pt-0 last:pb-0"
                  >
                    <div className="min-w-0 flex-1 basis-64">
                      <span className="font-medium">{labelOf(one.provider)}</span> <State one={one} />
                      <p className="text-[13px] text-quiet">{one.description}</p>
                      {one.problems.map((problem) => (
                        <p
                          key={problem}
                          className={`text-[13px] ${one.is_active ? 'text-warning' : 'text-quiet'}`}
                        >
                          {problem}
                        </p>
                      ))}
                    </div>
                    <Actions
                      one={one}
                      isSuperadmin={isSuperadmin}
                      isBusy={act.isPending}
                      onToggle={() => toggle.mutate(one)}
                      act={(path, body, done) =>
                        act.mutate({ path, body, ...(done === undefined ? {} : { done }) })
                      }
                    />
                  </li>
                ))}
              </ul>
            </Card>
          ))}
        </div>
      </Known>
    </>
  )
}

const State = ({ one }: { one: Provider }) => (
  <>
    {one.is_active && <Badge tone="good">{text.active}</Badge>}{' '}
    {!one.is_enabled && <Badge tone="bad">{text.disabled}</Badge>}{' '}
    {!one.is_configured && <Badge>{text.notConfigured}</Badge>}{' '}
    {one.only !== null && <Badge tone="warning">{text.only(one.only)}</Badge>}
  </>
)

function Actions({
  one,
  isSuperadmin,
  isBusy,
  onToggle,
  act,
}: {
  one: Provider
  isSuperadmin: boolean
  isBusy: boolean
  onToggle: () => void
  act: (path: string, body?: unknown, done?: string) => void
}) {
  const { name, capability, provider } = one
  return (
    <div className="flex flex-wrap gap-2">
      {isSuperadmin && <ConfigureProvider provider={one} />}
      {one.is_configured && (
        <Button size="small" disabled={isBusy} onClick={() => act('/admin/providers/test', { name })}>
          {text.test}
        </Button>
      )}
      {isSuperadmin && one.is_configured && one.is_enabled && !one.is_active && (
        <Button
          size="small"
          disabled={isBusy}
          onClick={() =>
            act(
              '/admin/providers/switch',
              { capability, provider },
              text.switched(labelOf(capability), labelOf(provider)),
            )
          }
        >
          {text.use}
        </Button>
      )}
      {isSuperadmin && !(one.is_active && one.is_enabled) && (
        <Button size="small" look="quiet" onClick={onToggle}>
          {one.is_enabled ? text.disable : text.enable}
        </Button>
      )}
    </div>
  )
}
