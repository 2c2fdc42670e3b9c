import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { call, read, wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text as bounds } from '@/text/key-bounds.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { CodeBlock } from '@/ui/copy.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { ConfirmDialog, Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Status, Time } from '@/ui/show.tsx'
import { Empty, PageHeader } from '@/ui/surface.tsx'
import { Tabs } from '@/ui/tabs.tsx'
import { useMe } from '../session.ts'
import { snippetsFor } from '../snippets.ts'
import { type BoundKey, BoundsForm } from './keys/bounds-form.tsx'

interface Key extends BoundKey {
  readonly prefix: string
  readonly created_at: string
  readonly last_used_at: string | null
  readonly expires_at: string | null
  readonly revoked_at: string | null
}
interface NewKey extends Key {
  readonly key: string
}
type Doing = { readonly what: 'rotate' | 'revoke'; readonly key: Key }

/** The keys of the organization: made, shown once, rotated and revoked. */
export function KeysPage() {
  const client = useQueryClient()
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<NewKey>()
  const [doing, setDoing] = useState<Doing>()
  const [bounding, setBounding] = useState<Key>()
  const role = useMe()?.user.role
  const mayBound = role === 'owner' || role === 'admin'
  const [showsRevoked, setShowsRevoked] = useState(false)
  const list = useQuery({
    queryKey: ['keys'],
    queryFn: ({ signal }) => read<{ readonly keys: readonly Key[] }>('/api/v1/keys', signal),
  })
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: ['keys'] })
  const act = useMutation({
    mutationFn: ({ what, key }: Doing) =>
      what === 'rotate'
        ? call<Key & Partial<NewKey>>('POST', `/api/v1/keys/${key.id}/rotate`, {})
        : call<Key & Partial<NewKey>>('DELETE', `/api/v1/keys/${key.id}`),
    onSuccess: (answer) => {
      setDoing(undefined)
      const { key } = answer
      if (key !== undefined) setMade({ ...answer, key })
      return again()
    },
  })
  const rows = list.data?.keys.filter(({ revoked_at }) => showsRevoked || revoked_at === null)
  const hasRevoked = list.data?.keys.some(({ revoked_at }) => revoked_at !== null) === true
  const makeButton = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={15} aria-hidden /> {text.newKey}
    </Button>
  )
  return (
    <>
      <PageHeader title={text.keys} description={text.keysLead} actions={makeButton} />
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : rows?.length === 0 ? (
        <Empty title={text.noKeys} action={makeButton}>
          {text.noKeysHelp}
        </Empty>
      ) : (
        <DataTable
          label={text.keys}
          rows={rows}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'name',
              heading: text.keyName,
              cell: (key) => <span className="font-medium">{key.name}</span>,
            },
            {
              key: 'prefix',
              heading: text.prefix,
              cell: (key) => <code className="text-[13px]">{key.prefix}…</code>,
            },
            {
              key: 'status',
              heading: text.status,
              cell: (key) => <Status value={key.revoked_at === null ? text.active : text.revoked} />,
            },
            { key: 'made', heading: text.created, cell: (key) => <Time at={key.created_at} /> },
            {
              key: 'used',
              heading: text.lastUsed,
              cell: (key) => <Time at={key.last_used_at} none={text.never} />,
            },
            {
              key: 'expires',
              heading: text.expires,
              cell: (key) => <Time at={key.expires_at} none={text.never} />,
            },
            {
              key: 'do',
              heading: '',
              cell: (key) =>
                key.revoked_at === null && (
                  <span className="flex justify-end gap-1">
                    {mayBound && (
                      <Button size="small" onClick={() => setBounding(key)}>
                        {bounds.bounds}
                      </Button>
                    )}
                    <Button size="small" onClick={() => setDoing({ what: 'rotate', key })}>
                      {text.rotate}
                    </Button>
                    <Button size="small" look="danger" onClick={() => setDoing({ what: 'revoke', key })}>
                      {text.revoke}
                    </Button>
                  </span>
                ),
            },
          ]}
        />
      )}
      {hasRevoked && (
        <label className="mt-3 inline-flex items-center gap-2 text-[13px] text-quiet">
          <input
            type="checkbox"
            checked={showsRevoked}
            onChange={(event) => setShowsRevoked(event.target.checked)}
          />
          {text.showRevoked}
        </label>
      )}
      <Dialog isOpen={isMaking} onClose={() => setMaking(false)} title={text.newKey}>
        <NewKeyForm
          onCancel={() => setMaking(false)}
          onMade={(key) => {
            setMaking(false)
            setMade(key)
            void again()
          }}
        />
      </Dialog>
      <Dialog
        isOpen={made !== undefined}
        onClose={() => setMade(undefined)}
        title={made?.name ?? ''}
        description={text.keyOnce}
      >
        {made !== undefined && (
          <div className="grid gap-4">
            <CodeBlock code={made.key} label={shared.copy} />
            <div>
              <h3 className="mb-1 text-[13px] font-medium">{text.tryIt}</h3>
              <Tabs
                label={text.tryIt}
                tabs={snippetsFor(`${location.origin}/`, made.key).map(({ language, code }) => ({
                  name: language,
                  content: <CodeBlock code={code} label={text.copySnippet(language)} />,
                }))}
              />
            </div>
            <Button look="primary" onClick={() => setMade(undefined)}>
              {shared.close}
            </Button>
          </div>
        )}
      </Dialog>
      <Dialog
        isOpen={bounding !== undefined}
        onClose={() => setBounding(undefined)}
        title={bounds.boundsOf(bounding?.name ?? '')}
        description={bounds.help}
      >
        {bounding !== undefined && <BoundsForm boundKey={bounding} onClose={() => setBounding(undefined)} />}
      </Dialog>
      <ConfirmDialog
        isOpen={doing !== undefined}
        onClose={() => {
          setDoing(undefined)
          act.reset()
        }}
        onConfirm={() => doing !== undefined && act.mutate(doing)}
        title={doing === undefined ? '' : titleOf(doing)}
        verb={doing?.what === 'rotate' ? text.rotate : text.revoke}
        isBusy={act.isPending}
        error={act.error === null ? undefined : wordsOf(act.error)}
        {...(doing?.what === 'revoke' ? { typed: doing.key.name } : {})}
      >
        {doing?.what === 'rotate' ? text.rotateHelp : text.revokeHelp}
      </ConfirmDialog>
    </>
  )
}

const titleOf = ({ what, key }: Doing): string =>
  what === 'rotate' ? text.rotateTitle(key.name) : text.revokeTitle(key.name)

function NewKeyForm({ onMade, onCancel }: { onMade: (key: NewKey) => void; onCancel: () => void }) {
  const start = { name: '', expires_at: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(
    start,
    async ({ name, expires_at: until }) => {
      const expires = until === '' ? {} : { expires_at: `${until}T23:59:59Z` }
      onMade(await call<NewKey>('POST', '/api/v1/keys', { name, ...expires }))
    },
  )
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={text.keyName} hint={text.keyNameHint} error={errorOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
      </Field>
      <Field label={text.expires} error={errorOf('expires_at')} isOptional>
        {(control) => <Input {...control} {...form.register('expires_at')} type="date" />}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {shared.create}
        </Button>
      </div>
    </form>
  )
}
