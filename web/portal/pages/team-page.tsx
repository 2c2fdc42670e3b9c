import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, read, wordsOf } from '@/data/api.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { ConfirmDialog } from '@/ui/dialog.tsx'
import { Select } from '@/ui/field.tsx'
import { Problem } from '@/ui/problem.tsx'
import { Time } from '@/ui/show.tsx'
import { PageHeader } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { useMe } from '../session.ts'

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
  const list = useQuery({
    queryKey: ['team'],
    queryFn: ({ signal }) => read<Members>('/api/v1/team/members', signal),
  })
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: ['team'] })
  const changeRole = useMutation({
    mutationFn: ({ id, role }: { id: string; role: string }) =>
      call('PUT', `/api/v1/team/members/${id}/role`, { role }),
    onMutate: ({ id, role }) => {
      const before = client.getQueryData<Members>(['team'])
      client.setQueryData<Members>(['team'], (known) =>
        known === undefined
          ? known
          : { members: known.members.map((member) => (member.id === id ? { ...member, role } : member)) },
      )
      return { before }
    },
    onError: (error, _, context) => {
      client.setQueryData(['team'], context?.before)
      say(wordsOf(error), { isBad: true })
    },
    onSettled: again,
  })
  const remove = useMutation({
    mutationFn: (member: Member) => call('DELETE', `/api/v1/team/members/${member.id}`),
    onSuccess: () => {
      setLeaving(undefined)
      return again()
    },
  })
  const isOwner = me?.user.role === 'owner'
  const mayRemove = isOwner || me?.user.role === 'admin'
  return (
    <>
      <PageHeader title={text.team} description={text.membersLead} />
      {list.error !== null ? (
        <Problem error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataTable
          label={text.members}
          rows={list.data?.members}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'name',
              heading: text.fullName,
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
              cell: ({ id, role, email }) =>
                isOwner ? (
                  <Select
                    aria-label={`${text.role}: ${email}`}
                    className="h-8! w-auto!"
                    value={role}
                    onChange={(event) => changeRole.mutate({ id, role: event.target.value })}
                  >
                    {roles.map((one) => (
                      <option key={one}>{one}</option>
                    ))}
                  </Select>
                ) : (
                  role
                ),
            },
            { key: 'joined', heading: text.joined, cell: ({ joined_at }) => <Time at={joined_at} /> },
            {
              key: 'do',
              heading: '',
              cell: (member) =>
                mayRemove && (
                  <span className="flex justify-end">
                    <Button size="small" look="danger" onClick={() => setLeaving(member)}>
                      {text.remove}
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
          remove.reset()
        }}
        onConfirm={() => leaving !== undefined && remove.mutate(leaving)}
        title={text.removeTitle(leaving?.full_name || leaving?.email || '')}
        verb={text.remove}
        isBusy={remove.isPending}
        error={remove.error === null ? undefined : wordsOf(remove.error)}
      >
        {text.removeHelp}
      </ConfirmDialog>
    </>
  )
}
