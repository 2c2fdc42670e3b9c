import { Link } from '@tanstack/react-router'
import { call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { isRegistrationOpen } from '../brand.ts'
import { AlreadyIn } from './already-in.tsx'
import { DoorPage } from './door-page.tsx'
import { ElsewhereButtons } from './elsewhere-buttons.tsx'
import { useGoOn } from './go-on.ts'

/** Where somebody becomes a customer, or is told that this takes an invitation. */
export const SignUpPage = () =>
  isRegistrationOpen() ? (
    <SignUp />
  ) : (
    <DoorPage title={text.signUpClosed} lead={text.signUpClosedLead}>
      <Link to="/portal/sign-in" search={true} className={buttonClass('primary')}>
        {shared.signIn}
      </Link>
    </DoorPage>
  )

/** A person, an organization and the default plan at once. */
function SignUp() {
  const goOn = useGoOn()
  const start = { organization_name: '', full_name: '', email: '', password: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    await call('POST', '/api/v1/auth/register', values)
    goOn()
  })
  return (
    <DoorPage title={text.signUp} lead={text.signUpLead}>
      <AlreadyIn />
      <form className="grid gap-4" onSubmit={submit} noValidate>
        <Field
          label={text.organizationName}
          hint={text.organizationHint}
          error={errorOf('organization_name')}
        >
          {(control) => (
            <Input {...control} {...form.register('organization_name')} autoComplete="organization" />
          )}
        </Field>
        <Field label={text.fullName} error={errorOf('full_name')} isOptional>
          {(control) => <Input {...control} {...form.register('full_name')} autoComplete="name" />}
        </Field>
        <Field label={shared.email} error={errorOf('email')}>
          {(control) => (
            <Input {...control} {...form.register('email')} type="email" autoComplete="username" />
          )}
        </Field>
        <Field label={shared.password} hint={text.passwordHint} error={errorOf('password')}>
          {(control) => (
            <Input {...control} {...form.register('password')} type="password" autoComplete="new-password" />
          )}
        </Field>
        {failure !== undefined && <Problem error={failure} />}
        <Button look="primary" type="submit" isBusy={isBusy}>
          {text.signUp}
        </Button>
        <ElsewhereButtons />
        <Link
          to="/portal/sign-in"
          search={true}
          className="text-center text-[13px] text-quiet hover:text-text"
        >
          {text.haveAccount}
        </Link>
      </form>
    </DoorPage>
  )
}
