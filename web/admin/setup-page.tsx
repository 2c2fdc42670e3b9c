import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { call } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { LonePage } from '@/ui/shell.tsx'
import { say } from '@/ui/toasts.tsx'

/** Makes the first operator with the token that the server printed. While that is under way, and until the next page is there, nothing can be typed here: it would be lost. */
export function SetupPage() {
  const navigate = useNavigate()
  const client = useQueryClient()
  const start = { token: '', name: '', email: '', password: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async (values) => {
    // Who copies from a console takes blanks along.
    await call('POST', '/admin/setup', { ...values, token: values.token.trim() })
    await call('POST', '/admin/login', { email: values.email, password: values.password })
    client.clear()
    say(text.setupDone)
    await navigate({ to: '/ui/start' })
  })
  return (
    <LonePage title={text.setupTitle} lead={text.setupLead}>
      <form className="grid gap-4" onSubmit={submit} noValidate>
        <Field label={text.setupToken} hint={text.setupTokenHint} error={errorOf('token')}>
          {(control) => (
            <Input
              {...control}
              {...form.register('token')}
              readOnly={isBusy}
              autoComplete="off"
              autoFocus
              spellCheck={false}
            />
          )}
        </Field>
        <Field label={text.yourName} error={errorOf('name')} isOptional>
          {(control) => (
            <Input {...control} {...form.register('name')} readOnly={isBusy} autoComplete="name" />
          )}
        </Field>
        <Field label={shared.email} error={errorOf('email')}>
          {(control) => (
            <Input
              {...control}
              {...form.register('email')}
              readOnly={isBusy}
              type="email"
              autoComplete="username"
            />
          )}
        </Field>
        <Field label={shared.password} hint={text.newPasswordHint} error={errorOf('password')}>
          {(control) => (
            <Input
              {...control}
              {...form.register('password')}
              readOnly={isBusy}
              type="password"
              autoComplete="new-password"
            />
          )}
        </Field>
        {failure !== undefined && <Problem error={failure} />}
        <Button look="primary" type="submit" isBusy={isBusy}>
          {text.setupTitle}
        </Button>
      </form>
    </LonePage>
  )
}
