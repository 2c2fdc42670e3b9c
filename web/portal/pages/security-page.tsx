import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, read } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { DataTable } from '@/ui/data-table.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { optimistic } from '@/ui/optimistic.ts'
import { Problem } from '@/ui/problem.tsx'
import { Time } from '@/ui/show.tsx'
import { Badge, Card, PageHeader } from '@/ui/surface.tsx'
import { say } from '@/ui/toasts.tsx'
import { TwoFactorCard } from '@/ui/two-factor-card.tsx'
import { useMe } from '../session.ts'
import { LinkedCard } from './linked-card.tsx'

interface Session {
  readonly id: string
  readonly user_agent: string
  readonly ip: string
  readonly created_at: string
  readonly last_used_at: string | null
  readonly is_current: boolean
}

/** How somebody signs in, and where they are signed in. */
export const SecurityPage = () => (
  <>
    <PageHeader title={text.security} />
    <div className="grid grid-cols-1 gap-5">
      <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
        <PasswordCard />
        <EmailCard />
      </div>
      <SecondFactor />
      <LinkedCard />
      <Sessions />
    </div>
  </>
)

function SecondFactor() {
  const client = useQueryClient()
  return (
    <TwoFactorCard
      base="/api/v1/auth/two-factor"
      isOn={useMe()?.user.two_factor_enabled === true}
      onChange={() => {
        // Turning it on or off signs out everywhere else.
        for (const queryKey of [['me'], ['sessions']]) void client.invalidateQueries({ queryKey })
      }}
    />
  )
}

function PasswordCard() {
  const client = useQueryClient()
  const start = { current_password: '', new_password: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await call('POST', '/api/v1/auth/change-password', values)
    form.reset(start)
    say(text.passwordChanged)
    await client.invalidateQueries({ queryKey: ['sessions'] })
  })
  return (
    <Card title={text.changePassword} description={text.changePasswordHelp}>
      <form className="grid gap-4" onSubmit={submit} noValidate>
        <Field label={text.currentPassword} error={errorOf('current_password')}>
          {(control) => (
            <Input
              {...control}
              {...form.register('current_password')}
              type="password"
              autoComplete="current-password"
            />
          )}
        </Field>
        <Field label={text.newPassword} hint={text.passwordHint} error={errorOf('new_password')}>
          {(control) => (
            <Input
              {...control}
              {...form.register('new_password')}
              type="password"
              autoComplete="new-password"
            />
          )}
        </Field>
        {failure !== undefined && <Problem error={failure} />}
        <Button type="submit" isBusy={isBusy} className="justify-self-start">
          {shared.save}
        </Button>
      </form>
    </Card>
  )
}

function EmailCard() {
  const [sentTo, setSentTo] = useState<string>()
  const start = { email: '', password: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await call('POST', '/api/v1/auth/change-email', values)
    form.reset(start)
    setSentTo(values.email)
  })
  return (
    <Card title={text.changeEmail} description={text.changeEmailHelp}>
      <form className="grid gap-4" onSubmit={submit} noValidate>
        <Field label={text.newEmail} error={errorOf('email')}>
          {(control) => <Input {...control} {...form.register('email')} type="email" autoComplete="email" />}
        </Field>
        <Field label={text.currentPassword} error={errorOf('password')}>
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
        {sentTo !== undefined && (
          <p role="status" className="rounded-lg bg-accent-soft px-3 py-2 text-accent">
            {text.emailRequested(sentTo)}
          </p>
        )}
        <Button type="submit" isBusy={isBusy} className="justify-self-start">
          {text.sendLink}
        </Button>
      </form>
    </Card>
  )
}

function Sessions() {
  const client = useQueryClient()
  const list = useQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => read<readonly Session[]>('/api/v1/auth/sessions', signal),
  })
  const end = useMutation({
    mutationFn: (id: string | undefined) =>
      call('DELETE', id === undefined ? '/api/v1/auth/sessions' : `/api/v1/auth/sessions/${id}`),
    ...optimistic<readonly Session[], string | undefined>(client, ['sessions'], (known, gone) =>
      known.filter(({ id, is_current }) => (gone === undefined ? is_current : id !== gone)),
    ),
    onSuccess: (_, id) => say(id === undefined ? text.othersEnded : text.sessionEnded),
  })
  if (list.error !== null) return <Problem error={list.error} onRetry={() => void list.refetch()} />
  return (
    <Card
      title={text.sessions}
      actions={
        (list.data?.length ?? 0) > 1 && (
          <Button size="small" isBusy={end.isPending} onClick={() => end.mutate(undefined)}>
            {text.endOthers}
          </Button>
        )
      }
    >
      <DataTable
        stacks
        label={text.sessions}
        rows={list.data}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'browser',
            heading: text.browser,
            cell: ({ user_agent, is_current }) => (
              <>
                <span title={user_agent}>{browserOf(user_agent)}</span>{' '}
                {is_current && <Badge tone="good">{text.thisDevice}</Badge>}
              </>
            ),
          },
          { key: 'ip', heading: text.ipAddress, cell: ({ ip }) => <code className="text-[13px]">{ip}</code> },
          { key: 'since', heading: text.since, cell: ({ created_at }) => <Time at={created_at} /> },
          {
            key: 'used',
            heading: text.lastUsed,
            cell: ({ last_used_at, created_at }) => <Time at={last_used_at ?? created_at} />,
          },
          {
            key: 'do',
            heading: '',
            cell: ({ id, is_current }) =>
              !is_current && (
                <span className="flex justify-end">
                  <Button size="small" onClick={() => end.mutate(id)}>
                    {text.end}
                  </Button>
                </span>
              ),
          },
        ]}
      />
    </Card>
  )
}

/** A browser and its system in two words, from what it calls itself. */
function browserOf(userAgent: string): string {
  const name = /Edg\//.test(userAgent)
    ? 'Edge'
    : /Firefox\//.test(userAgent)
      ? 'Firefox'
      : /Chrome\//.test(userAgent)
        ? 'Chrome'
        : /Safari\//.test(userAgent)
          ? 'Safari'
          : userAgent.split(' ')[0] || '—'
  const system = /(Windows|Mac OS|Android|iPhone|Linux)/.exec(userAgent)?.[1]
  return system === undefined ? name : `${name}, ${system}`
}
