import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call, read } from '@/data/api.ts'
import { useCallOnce } from '@/data/use-call-once.ts'
import { text as shared } from '@/text/en.ts'
import { text as portal } from '@/text/portal.ts'
import { text } from '@/text/team.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input, Select } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { optimistic } from '@/ui/optimistic.ts'
import { Problem } from '@/ui/problem.tsx'
import { Time } from '@/ui/show.tsx'
import { Card } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'

interface Invitation {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly expires_at: string
}
type Open = { readonly invitations: readonly Invitation[] }

const key = ['invitations']

/** The invitations that nobody has answered yet; for owners and admins. */
export function OpenInvitations() {
  const client = useQueryClient()
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => read<Open>('/api/v1/team/invitations', signal),
  })
  const takeBack = useMutation({
    mutationFn: ({ id }: Invitation) => call('DELETE', `/api/v1/team/invitations/${id}`),
    ...optimistic<Open, Invitation>(client, key, (known, gone) => ({
      invitations: known.invitations.filter(({ id }) => id !== gone.id),
    })),
    onSuccess: () => say(text.takenBack),
  })
  return (
    <Card title={text.openInvitations} className="mt-5">
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data?.invitations.length === 0 ? (
        <p className="text-quiet">{text.noInvitations}</p>
      ) : (
        <DataTable
          stacks
          label={text.openInvitations}
          rows={list.data?.invitations}
          rowKey={({ id }) => id}
          columns={[
            { key: 'email', heading: shared.email, cell: ({ email }) => email },
            { key: 'role', heading: portal.role, cell: ({ role }) => role },
            { key: 'until', heading: text.until, cell: ({ expires_at }) => <Time at={expires_at} /> },
            {
              key: 'do',
              heading: '',
              cell: (invitation) => (
                <span className="flex justify-end">
                  <Button size="small" onClick={() => takeBack.mutate(invitation)}>
                    {text.takeBack}
                  </Button>
                </span>
              ),
            },
          ]}
        />
      )}
    </Card>
  )
}

/** Asks for an address and a role, and sends the invitation. */
export function InviteDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={text.invite} description={text.inviteHelp}>
      <InviteForm onClose={onClose} />
    </Dialog>
  )
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const start = { email: '', role: 'member' }
  const callOnce = useCallOnce()
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await callOnce('POST', '/api/v1/team/invite', values)
    say(text.invited(values.email.trim()))
    onClose()
    await client.invalidateQueries({ queryKey: key })
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={shared.email} error={errorOf('email')}>
        {(control) => <Input {...control} {...form.register('email')} type="email" autoComplete="off" />}
      </Field>
      <Field label={text.inviteRole} error={errorOf('role')}>
        {(control) => (
          <Select {...control} {...form.register('role')}>
            <option value="member">{text.roleMember}</option>
            <option value="admin">{text.roleAdmin}</option>
          </Select>
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{shared.cancel}</Button>
        <Button look="primary" type="submit" isBusy={isBusy}>
          {text.inviteSend}
        </Button>
      </div>
    </form>
  )
}
