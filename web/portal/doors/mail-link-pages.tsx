import { useMutation } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { classNames } from '@/ui/class-names.ts'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { DoorPage } from './door-page.tsx'

const tokenOf = (): string => (useSearch({ strict: false }) as { token?: string }).token ?? ''

/** The page behind the link that verifies an address. A button sends it, for mail scanners open links by themselves. */
export const VerifyEmailPage = () => (
  <RedeemPage
    title={text.verifyTitle}
    lead={text.verifyLead}
    done={text.verified}
    again={text.verifyAgain}
    path="/api/v1/auth/verify-email"
    next={text.goOn}
  />
)

/** The page behind the link that changes an address. */
export const ConfirmEmailPage = () => (
  <RedeemPage
    title={text.confirmTitle}
    lead={text.confirmLead}
    done={text.emailChanged}
    again={text.confirmAgain}
    path="/api/v1/auth/confirm-email"
    next={shared.signIn}
  />
)

function RedeemPage({
  title,
  lead,
  done,
  again,
  path,
  next,
}: {
  title: string
  lead: string
  done: string
  /** What to do when the link is not good any more. */
  again: string
  path: string
  /** The word on the way on. */
  next: string
}) {
  const token = tokenOf()
  const redeem = useMutation({ mutationFn: () => call('POST', path, { token }) })
  const isOver = redeem.error instanceof ApiError && isUsedUp(redeem.error)
  return (
    <DoorPage title={title} lead={redeem.isSuccess ? done : isOver ? again : lead}>
      <div className="grid gap-4">
        {redeem.isError && <Problem error={redeem.error} />}
        {redeem.isSuccess || isOver ? (
          <Link to="/portal" className={buttonClass('primary')}>
            {isOver ? text.goOn : next}
          </Link>
        ) : (
          <Button look="primary" isBusy={redeem.isPending} onClick={() => redeem.mutate()}>
            {title}
          </Button>
        )}
      </div>
    </DoorPage>
  )
}

/** Whether asking again with the same link is of no use; no answer, a busy server or its failure say nothing of the link. */
const isUsedUp = ({ status }: ApiError): boolean => status >= 400 && status < 429

/** Where somebody asks for a link to set a new password; the answer is the same for every address. */
export function ForgotPasswordPage() {
  const [sentTo, setSentTo] = useState<string>()
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ email: '' }, async (values) => {
    await call('POST', '/api/v1/auth/request-password-reset', values)
    setSentTo(values.email)
  })
  return (
    <DoorPage title={text.forgotTitle} lead={sentTo === undefined ? text.forgotLead : text.linkSent(sentTo)}>
      {sentTo === undefined ? (
        <form className="grid gap-4" onSubmit={submit} noValidate>
          <Field label={shared.email} error={errorOf('email')}>
            {(control) => (
              <Input {...control} {...form.register('email')} type="email" autoComplete="username" />
            )}
          </Field>
          {failure !== undefined && <Problem error={failure} />}
          <Button look="primary" type="submit" isBusy={isBusy}>
            {text.sendLink}
          </Button>
        </form>
      ) : (
        <Button className="w-full" onClick={() => setSentTo(undefined)}>
          {text.otherAddress}
        </Button>
      )}
      <SignInLink />
    </DoorPage>
  )
}

/** The page behind that link. */
export function ResetPasswordPage() {
  const token = tokenOf()
  const [isDone, setDone] = useState(false)
  const { form, submit, isBusy, failure, errorOf } = useServerForm({ password: '' }, async ({ password }) => {
    await call('POST', '/api/v1/auth/reset-password', { token, password })
    setDone(true)
  })
  return (
    <DoorPage title={text.forgotTitle} {...(isDone ? { lead: text.passwordSet } : {})}>
      {!isDone && (
        <form className="grid gap-4" onSubmit={submit} noValidate>
          <Field label={text.newPassword} hint={text.passwordHint} error={errorOf('password')}>
            {(control) => (
              <Input
                {...control}
                {...form.register('password')}
                type="password"
                autoComplete="new-password"
              />
            )}
          </Field>
          {failure !== undefined && <Problem error={failure} />}
          <Button look="primary" type="submit" isBusy={isBusy}>
            {shared.save}
          </Button>
        </form>
      )}
      {isDone ? (
        <Link to="/portal/sign-in" search={{}} className={classNames('w-full', buttonClass('primary'))}>
          {shared.signIn}
        </Link>
      ) : (
        <SignInLink />
      )}
    </DoorPage>
  )
}

const SignInLink = () => (
  <p className="mt-4 text-center text-[13px]">
    <Link to="/portal/sign-in" search={{}} className="text-quiet hover:text-text">
      {shared.signIn}
    </Link>
  </p>
)
