import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/elsewhere.ts'
import { text as shared } from '@/text/en.ts'
import { text as portal } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { ConfirmDialog, Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Time } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import { type Provider, useProviders } from '../elsewhere.ts'

interface Linked {
  readonly id: string
  readonly provider: string
  readonly email: string | null
  readonly linked_at: string
  readonly last_used_at: string | null
}

/** The accounts elsewhere that open this one; not there where nothing could be linked. */
export function LinkedCard() {
  const client = useQueryClient()
  const providers = useProviders()
  const [leaving, setLeaving] = useState<Linked>()
  const [linking, setLinking] = useState<Provider>()
  const list = useQuery({
    queryKey: ['identities'],
    queryFn: ({ signal }) => read<readonly Linked[]>('/api/v1/auth/oauth/identities', signal),
  })
  const unlink = useMutation({
    mutationFn: ({ id }: Linked) => call('DELETE', `/api/v1/auth/oauth/identities/${id}`),
    onSuccess: () => {
      setLeaving(undefined)
      return client.invalidateQueries({ queryKey: ['identities'] })
    },
  })
  if (providers.length === 0 && (list.data === undefined || list.data.length === 0)) return null
  const labelOf = (slug: string): string => providers.find((one) => one.provider === slug)?.label ?? slug
  return (
    <Card
      title={text.linked}
      description={text.linkedHelp}
      actions={
        <div className="flex flex-wrap gap-2">
          {providers.map((provider) => (
            <Button key={provider.provider} onClick={() => setLinking(provider)}>
              {text.link(provider.label)}
            </Button>
          ))}
        </div>
      }
    >
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data?.length === 0 ? (
        <p className="text-quiet">{text.none}</p>
      ) : (
        <DataTable
          stacks
          label={text.linked}
          rows={list.data}
          rowKey={({ id }) => id}
          columns={[
            { key: 'provider', heading: text.provider, cell: ({ provider }) => labelOf(provider) },
            { key: 'email', heading: shared.email, cell: ({ email }) => email ?? '—' },
            { key: 'since', heading: text.since, cell: ({ linked_at }) => <Time at={linked_at} /> },
            {
              key: 'used',
              heading: portal.lastUsed,
              cell: ({ last_used_at }) => <Time at={last_used_at} none={portal.never} />,
            },
            {
              key: 'do',
              heading: '',
              cell: (linked) => (
                <span className="flex justify-end">
                  <Button size="small" look="danger" onClick={() => setLeaving(linked)}>
                    {text.unlink}
                  </Button>
                </span>
              ),
            },
          ]}
        />
      )}
      <ConfirmDialog
        isOpen={leaving !== undefined}
        onClose={() => {
          setLeaving(undefined)
          unlink.reset()
        }}
        onConfirm={() => leaving !== undefined && unlink.mutate(leaving)}
        title={text.unlinkTitle(labelOf(leaving?.provider ?? ''))}
        verb={text.unlink}
        isBusy={unlink.isPending}
        error={unlink.error === null ? undefined : wordsOf(unlink.error)}
      >
        {text.unlinkHelp}
      </ConfirmDialog>
      <Dialog
        isOpen={linking !== undefined}
        onClose={() => setLinking(undefined)}
        title={text.link(linking?.label ?? '')}
        description={text.linkHelp}
      >
        {linking !== undefined && <LinkForm provider={linking} onCancel={() => setLinking(undefined)} />}
      </Dialog>
    </Card>
  )
}

function LinkForm({ provider, onCancel }: { provider: Provider; onCancel: () => void }) {
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ password: '' }, async ({ password }) => {
    const path = `/api/v1/auth/oauth/${encodeURIComponent(provider.provider)}/link`
    const wish = { ...(password === '' ? {} : { password }), return_to: '/portal/security' }
    const { url } = await call<{ readonly url: string }>('POST', path, wish)
    location.assign(url)
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={portal.currentPassword} error={errorOf('password')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('password')}
            type="password"
            autoComplete="current-password"
          />
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {text.link(provider.label)}
        </Button>
      </div>
    </form>
  )
}
