import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { ApiError, call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text as portal } from '@/text/portal.ts'
import { text } from '@/text/team.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { Skeleton } from '@/ui/surface.tsx'
import { meQuery } from '../session.ts'
import { DoorPage } from './door-page.tsx'

interface Invitation {
  readonly organization: { readonly name: string }
  readonly email: string
  readonly role: string
  readonly invited_by: string | null
  readonly has_account: boolean
}

/** The page behind the link of an invitation: to join with the account one has, or with a new one. */
export function InvitationPage() {
  const { token = '' } = useSearch({ strict: false }) as { token?: string }
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => call<Invitation>('POST', '/api/v1/team/view-invitation', { token }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const me = useQuery({ ...meQuery, retry: false })
  const [isDeclined, setDeclined] = useState(false)
  if (invitation.isError) return <Gone error={invitation.error} />
  if (invitation.data === undefined || me.isPending)
    return (
      <DoorPage title={text.invitation}>
        <Skeleton className="h-24" />
      </DoorPage>
    )
  const { organization, email, role, invited_by: inviter, has_account: hasAccount } = invitation.data
  const title = text.invitationTo(organization.name)
  if (isDeclined)
    return (
      <DoorPage title={title} lead={text.declined}>
        <Link to="/portal" className={buttonClass()}>
          {portal.goOn}
        </Link>
      </DoorPage>
    )
  const current = me.data?.user.email
  return (
    <DoorPage title={title} lead={text.invitationFrom(inviter ?? text.somebody, email, role)}>
      <div className="grid gap-4">
        {!hasAccount ? (
          <NewMember token={token} />
        ) : current === email ? (
          <Accept token={token} />
        ) : (
          <SignInFirst token={token} current={current} />
        )}
        <Decline token={token} onDeclined={() => setDeclined(true)} />
      </div>
    </DoorPage>
  )
}

function Gone({ error }: { error: Error }): ReactNode {
  const isOver = error instanceof ApiError && error.status >= 400 && error.status < 500
  return (
    <DoorPage
      title={isOver ? text.invitationGone : text.invitation}
      {...(isOver ? { lead: text.invitationGoneHelp } : {})}
    >
      <div className="grid gap-4">
        <Problem error={error} />
        <Link to="/portal" className={buttonClass()}>
          {portal.goOn}
        </Link>
      </div>
    </DoorPage>
  )
}

/** Everything that was read belongs to the organization before: it is read anew. */
const enter = (): void => location.assign('/portal')

function Accept({ token }: { token: string }) {
  const accept = useMutation({
    mutationFn: () => call('POST', '/api/v1/team/accept-invitation', { token }),
    onSuccess: enter,
  })
  return (
    <>
      {accept.isError && <Problem error={accept.error} />}
      <Button look="primary" isBusy={accept.isPending} onClick={() => accept.mutate()}>
        {text.accept}
      </Button>
    </>
  )
}

function NewMember({ token }: { token: string }) {
  const start = { full_name: '', password: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await call('POST', '/api/v1/team/accept-invitation', { token, ...values })
    enter()
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <Field label={portal.fullName} error={errorOf('full_name')} isOptional>
        {(control) => <Input {...control} {...form.register('full_name')} autoComplete="name" />}
      </Field>
      <Field label={shared.password} hint={portal.passwordHint} error={errorOf('password')}>
        {(control) => (
          <Input {...control} {...form.register('password')} type="password" autoComplete="new-password" />
        )}
      </Field>
      {failure !== undefined && <Problem error={failure} />}
      <Button look="primary" type="submit" isBusy={isBusy}>
        {text.makeAccount}
      </Button>
    </form>
  )
}

function SignInFirst({ token, current }: { token: string; current: string | undefined }) {
  const client = useQueryClient()
  const back = `/portal/invitation?token=${encodeURIComponent(token)}`
  const signIn = `/portal/sign-in?next=${encodeURIComponent(back)}`
  const leave = useMutation({
    mutationFn: () => call('POST', '/api/v1/auth/logout', {}),
    onSuccess: () => {
      client.clear()
      location.assign(signIn)
    },
  })
  if (current === undefined)
    return (
      <>
        <p className="text-quiet">{text.signInToAccept}</p>
        <Link to="/portal/sign-in" search={{ next: back }} className={buttonClass('primary')}>
          {shared.signIn}
        </Link>
      </>
    )
  return (
    <>
      <p className="text-quiet">{text.otherAddress(current)}</p>
      {leave.isError && <Problem error={leave.error} />}
      <Button look="primary" isBusy={leave.isPending} onClick={() => leave.mutate()}>
        {text.signInOther}
      </Button>
    </>
  )
}

function Decline({ token, onDeclined }: { token: string; onDeclined: () => void }) {
  const [isAsking, setAsking] = useState(false)
  const decline = useMutation({
    mutationFn: () => call('POST', '/api/v1/team/decline-invitation', { token }),
    onSuccess: onDeclined,
  })
  if (!isAsking)
    return (
      <Button look="quiet" onClick={() => setAsking(true)}>
        {text.decline}
      </Button>
    )
  return (
    <div className="grid gap-3 rounded-lg border p-3">
      <p className="font-medium">{text.declineTitle}</p>
      <p className="text-quiet">{text.declineHelp}</p>
      {decline.isError && <Problem error={decline.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={() => setAsking(false)}>{shared.cancel}</Button>
        <Button look="danger" isBusy={decline.isPending} onClick={() => decline.mutate()}>
          {text.decline}
        </Button>
      </div>
    </div>
  )
}
