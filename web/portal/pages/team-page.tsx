import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { call, read, wordsOf } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { text as team } from '@/text/team.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { Select } from '@/ui/field.tsx'
import { optimistic } from '@/ui/optimistic.ts'
import { Problem } from '@/ui/problem.tsx'
import { Time } from '@/ui/show.tsx'
import { PageHeader } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useMe } from '../session.ts'
import { InviteDialog, OpenInvitations } from './team/invitations.tsx'

interface Member {
  readonly id: string
  readonly email: string
  readonly full_name: string
  readonly role: string
  readonly joined_at: string
}
type Members = { readonly members: readonly Member[] }

const roles = ['owner', 'admin', 'member']

/** Who belongs to the organization and what they may do there. */
export function TeamPage() {
  const me = useMe()
  const client = useQueryClient()
  const [leaving, setLeaving] = useState<Member>()
  const [isInviting, setInviting] = useState(false)
  const list = useQuery({
    queryKey: ['team'],
    queryFn: ({ signal }) => read<Members>('/api/v1/team/members', signal),
  })
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: ['team'] })
  const changeRole = useMutation({
    mutationFn: ({ id, role }: { id: string; role: string }) =>
      call('PUT', `/api/v1/team/members/${id}/role`, { role }),
    ...optimistic<Members, { id: string; role: string }>(client, ['team'], ({ members }, { id, role }) => ({
      members: members.map((member) => (member.id === id ? { ...member, role } : member)),
    })),
  })
  const giveRole = ({ id, role: before }: Member, role: string): void =>
    changeRole.mutate(
      { id, role },
      { onSuccess: () => say(team.roleChanged, { undo: () => changeRole.mutate({ id, role: before }) }) },
    )
  const remove = useMutation({
    mutationFn: (member: Member) => call('DELETE', `/api/v1/team/members/${member.id}`),
    onSuccess: (_, member) => {
      if (member.id === me?.user.id) return location.assign('/portal')
      setLeaving(undefined)
      return again()
    },
  })
  const role = me?.user.role
  const isOwner = role === 'owner'
  const mayInvite = isOwner || role === 'admin'
  const isMyself = (member: Member | undefined): boolean => member?.id === me?.user.id
  const owners = list.data?.members.filter((member) => member.role === 'owner').length
  // The last owner hands the organization over, or closes it.
  const mayRemove = (member: Member): boolean =>
    !(member.role === 'owner' && owners === 1) &&
    (isOwner || isMyself(member) || (role === 'admin' && member.role === 'member'))
  return (
    <>
      <PageHeader
        title={text.team}
        description={text.membersLead}
        actions={
          mayInvite && (
            <Button look="primary" onClick={() => setInviting(true)}>
              <UserPlus size={15} aria-hidden /> {team.invite}
            </Button>
          )
        }
      />
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataTable
          stacks
          label={text.members}
          rows={list.data?.members}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'name',
              heading: shared.name,
              cell: ({ id, full_name, email }) => (
                <>
                  <span className="font-medium">{full_name || email}</span>
                  {id === me?.user.id && <span className="text-quiet"> ({text.you})</span>}
                  <span className="block text-[13px] text-quiet">{email}</span>
                </>
              ),
            },
            {
              key: 'role',
              heading: text.role,
              cell: (member) =>
                isOwner ? (
                  <Select
                    aria-label={`${text.role}: ${member.email}`}
                    className="h-8! w-auto!"
                    value={member.role}
                    onChange={(event) => giveRole(member, event.target.value)}
                  >
                    {roles.map((one) => (
                      <option key={one}>{one}</option>
                    ))}
                  </Select>
                ) : (
                  member.role
                ),
            },
            { key: 'joined', heading: text.joined, cell: ({ joined_at }) => <Time at={joined_at} /> },
            {
              key: 'do',
              heading: '',
              cell: (member) =>
                mayRemove(member) && (
                  <span className="flex justify-end">
                    <Button size="small" look="danger" onClick={() => setLeaving(member)}>
                      {isMyself(member) ? team.leave : text.remove}
                    </Button>
                  </span>
                ),
            },
          ]}
        />
      )}
      {mayInvite && <OpenInvitations />}
      <InviteDialog isOpen={isInviting} onClose={() => setInviting(false)} />
      <ConfirmDialog
        isOpen={leaving !== undefined}
        onClose={() => {
          setLeaving(undefined)
          remove.reset()
        }}
        onConfirm={() => leaving !== undefined && remove.mutate(leaving)}
        title={
          isMyself(leaving)
            ? team.leaveTitle(me?.organization?.name ?? '')
            : text.removeTitle(leaving?.full_name || leaving?.email || '')
        }
        verb={isMyself(leaving) ? team.leave : text.remove}
        isBusy={remove.isPending}
        error={remove.error === null ? undefined : wordsOf(remove.error)}
      >
        {isMyself(leaving) ? team.leaveHelp : text.removeHelp}
      </ConfirmDialog>
    </>
  )
}
