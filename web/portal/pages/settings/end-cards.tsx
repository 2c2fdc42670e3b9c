import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { FieldValues, Path } from 'react-hook-form'
import { call, read } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text as portal } from '@/text/portal.ts'
import { text } from '@/text/team.ts'
import { Button } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { type ServerForm, useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Card, Skeleton } from '@/ui/surface.tsx'

/** Something that ends or gives away, behind a button and a question. */
function GraveCard({
  title,
  help,
  children,
}: {
  title: string
  help: string
  children: (close: () => void) => ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  const close = (): void => setOpen(false)
  return (
    <Card title={title} description={help}>
      <Button look="danger" onClick={() => setOpen(true)}>
        {title}
      </Button>
      <Dialog isOpen={isOpen} onClose={close} title={title} description={help}>
        {children(close)}
      </Dialog>
    </Card>
  )
}

/** The part that all of these forms share: the password, what went wrong, and both buttons. */
function GraveForm<Values extends FieldValues>({
  state: { form, submit, isBusy, failure, errorOf },
  verb,
  onCancel,
  children,
}: {
  state: ServerForm<Values>
  verb: string
  onCancel: () => void
  children: ReactNode
}) {
  const password = 'password' as Path<Values>
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {children}
      <Field label={portal.currentPassword} error={errorOf(password)}>
        {(control) => (
          <Input {...control} {...form.register(password)} type="password" autoComplete="current-password" />
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{shared.cancel}</Button>
        <Button look="danger" type="submit" isBusy={isBusy}>
          {verb}
        </Button>
      </div>
    </form>
  )
}

interface Place {
  readonly id: string
  readonly name: string
}

/** Gives the organization to somebody else of the team. */
export const HandOverCard = ({ organization, userId }: { organization: Place; userId: string }) => (
  <GraveCard title={text.handOver} help={text.handOverHelp}>
    {(close) => <HandOverForm organization={organization} userId={userId} onCancel={close} />}
  </GraveCard>
)

interface Members {
  readonly members: readonly { readonly id: string; readonly full_name: string; readonly email: string }[]
}

function HandOverForm({
  organization,
  userId,
  onCancel,
}: {
  organization: Place
  userId: string
  onCancel: () => void
}) {
  const team = useQuery({
    queryKey: ['team'],
    queryFn: ({ signal }) => read<Members>('/api/v1/team/members', signal),
  })
  const others = team.data?.members.filter(({ id }) => id !== userId)
  const state = useServerForm({ user_id: '', password: '' }, async (values) => {
    await call('POST', `/api/v1/organizations/${organization.id}/transfer`, values)
    location.assign('/portal/team')
  })
  if (team.error !== null) return <Problem error={team.error} onRetry={() => void team.refetch()} />
  if (others === undefined) return <Skeleton className="h-24" />
  if (others.length === 0) return <p className="text-quiet">{text.handOverNobody}</p>
  return (
    <GraveForm state={state} verb={text.handOver} onCancel={onCancel}>
      <Field label={text.handOverTo} error={state.errorOf('user_id')}>
        {(control) => (
          <Select {...control} {...state.form.register('user_id')}>
            <option value="">{text.handOverChoose}</option>
            {others.map(({ id, full_name, email }) => (
              <option key={id} value={id}>
                {full_name === '' ? email : `${full_name} (${email})`}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </GraveForm>
  )
}

/** Ends the organization for good. */
export const CloseOrganizationCard = ({ organization }: { organization: Place }) => (
  <GraveCard title={text.closeOrganization} help={text.closeOrganizationHelp}>
    {(close) => (
      <ConfirmedForm
        path={`/api/v1/organizations/${organization.id}/close`}
        label={`${text.typeOrganization}: ${organization.name}`}
        verb={text.closeOrganization}
        after="/portal"
        onCancel={close}
      />
    )}
  </GraveCard>
)

/** Ends the account for good. */
export const CloseAccountCard = ({ email }: { email: string }) => (
  <GraveCard title={portal.closeAccount} help={portal.closeHelp}>
    {(close) => (
      <ConfirmedForm
        path="/api/v1/auth/close-account"
        label={portal.typeEmail(email)}
        verb={portal.closeAccount}
        after="/portal/sign-in?closed=1"
        onCancel={close}
      />
    )}
  </GraveCard>
)

function ConfirmedForm({
  path,
  label,
  verb,
  after,
  onCancel,
}: {
  path: string
  label: string
  verb: string
  after: string
  onCancel: () => void
}) {
  const state = useServerForm({ confirmation: '', password: '' }, async (values) => {
    await call('POST', path, values)
    location.assign(after)
  })
  return (
    <GraveForm state={state} verb={verb} onCancel={onCancel}>
      <Field label={label} error={state.errorOf('confirmation')}>
        {(control) => <Input {...control} {...state.form.register('confirmation')} autoComplete="off" />}
      </Field>
    </GraveForm>
  )
}
