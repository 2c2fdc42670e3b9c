import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, wordsOf } from '@/data/api.ts'
import { useCallOnce } from '@/data/use-call-once.ts'
import { text as shared } from '@/text/en.ts'
import { text as portal } from '@/text/portal.ts'
import { text } from '@/text/team.ts'
import { Button } from '@/ui/button.tsx'
import { CopyButton } from '@/ui/copy.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Status } from '@/ui/show.tsx'
import { Badge, Card } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { type Organization, switchTo, useOrganizations } from '../../organizations.ts'
import type { PortalSession } from '../../session.ts'

/** The organization that somebody acts in; its owner may rename it. */
export function OrganizationCard({
  organization,
  isOwner,
}: {
  organization: NonNullable<PortalSession['organization']>
  isOwner: boolean
}) {
  return (
    <Card title={portal.organizationName}>
      <div className="grid gap-5">
        <dl className="grid gap-3 sm:grid-cols-3">
          <div>
            <dt className="text-[13px] text-quiet">{shared.name}</dt>
            <dd className="font-medium break-words">{organization.name}</dd>
          </div>
          <div>
            <dt className="text-[13px] text-quiet">{portal.status}</dt>
            <dd>
              <Status value={organization.status} />
            </dd>
          </div>
          <div>
            <dt className="text-[13px] text-quiet">ID</dt>
            <dd className="flex items-center gap-1 font-mono text-[13px]">
              <span className="truncate">{organization.id}</span>
              <CopyButton value={organization.id} />
            </dd>
          </div>
        </dl>
        {isOwner && <RenameForm key={organization.id} organization={organization} />}
      </div>
    </Card>
  )
}

function RenameForm({ organization }: { organization: NonNullable<PortalSession['organization']> }) {
  const client = useQueryClient()
  const start = { name: organization.name, email: organization.email ?? '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await call('PATCH', `/api/v1/organizations/${organization.id}`, values)
    say(shared.saved)
    await Promise.all([
      client.invalidateQueries({ queryKey: ['me'] }),
      client.invalidateQueries({ queryKey: ['organizations'] }),
    ])
  })
  return (
    <form className="grid items-start gap-4 border-t pt-4 sm:grid-cols-2" onSubmit={submit} noValidate>
      <Field label={portal.organizationName} error={errorOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="organization" />}
      </Field>
      <Field label={text.noticesTo} error={errorOf('email')}>
        {(control) => <Input {...control} {...form.register('email')} type="email" autoComplete="off" />}
      </Field>
      {failure !== undefined && (
        <div className="sm:col-span-2">
          <Problem error={failure} />
        </div>
      )}
      <Button type="submit" isBusy={isBusy} className="justify-self-start">
        {shared.save}
      </Button>
    </form>
  )
}

/** All organizations of a person: to go on in another one, or to make one. */
export function OrganizationsCard() {
  const list = useOrganizations()
  const [isMaking, setMaking] = useState(false)
  const go = useMutation({
    mutationFn: ({ id }: Organization) => switchTo(id),
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  return (
    <Card
      title={text.yourOrganizations}
      description={text.yourOrganizationsHelp}
      actions={<Button onClick={() => setMaking(true)}>{text.newOrganization}</Button>}
    >
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data?.length === 0 ? (
        <p className="text-quiet">{text.noOrganization}</p>
      ) : (
        <DataTable
          stacks
          label={text.yourOrganizations}
          rows={list.data}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'name',
              heading: shared.name,
              cell: ({ name }) => <span className="font-medium">{name}</span>,
            },
            { key: 'role', heading: portal.role, cell: ({ role }) => role },
            { key: 'status', heading: portal.status, cell: ({ status }) => <Status value={status} /> },
            {
              key: 'do',
              heading: '',
              cell: (organization) => (
                <span className="flex justify-end">
                  {organization.is_active ? (
                    <Badge tone="accent">{text.active}</Badge>
                  ) : (
                    <Button
                      size="small"
                      isBusy={go.isPending && go.variables.id === organization.id}
                      onClick={() => go.mutate(organization)}
                      aria-label={portal.switchTo(organization.name)}
                    >
                      {text.switch}
                    </Button>
                  )}
                </span>
              ),
            },
          ]}
        />
      )}
      <Dialog
        isOpen={isMaking}
        onClose={() => setMaking(false)}
        title={text.newOrganization}
        description={text.newOrganizationHelp}
      >
        <NewOrganizationForm onCancel={() => setMaking(false)} />
      </Dialog>
    </Card>
  )
}

function NewOrganizationForm({ onCancel }: { onCancel: () => void }) {
  const callOnce = useCallOnce()
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ name: '' }, async (values) => {
    const { id } = await callOnce<Organization>('POST', '/api/v1/organizations', values)
    await switchTo(id)
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={shared.name} error={errorOf('name')}>
        {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
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
