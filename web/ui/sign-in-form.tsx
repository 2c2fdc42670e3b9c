import { type ReactNode, useState } from 'react'
import { ApiError, call } from '@/data/api.ts'
import { text } from '@/text/en.ts'
import { Button } from './button.tsx'
import { Field, Input } from './field.tsx'
import { useServerForm } from './form.ts'
import { Problem } from './problem.tsx'

/** Signs somebody in; the code of a second factor is asked for when the server wants one. With an address it is that person alone. */
export function SignInForm({
  door,
  email,
  onDone,
  children,
}: {
  /** Where the server takes it. */
  door: string
  email?: string
  onDone: () => void
  /** What stands below the button. */
  children?: ReactNode
}) {
  const [needsCode, setNeedsCode] = useState(false)
  const start = { email: email ?? '', password: '', code: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async ({ code, ...rest }) => {
    try {
      await call('POST', door, code === '' ? rest : { ...rest, code })
    } catch (error) {
      const wantsCode = error instanceof ApiError && error.problems.some(({ field }) => field === 'code')
      if (wantsCode && !needsCode) return setNeedsCode(true)
      throw error
    }
    onDone()
  })
  const username = { ...form.register('email'), type: 'email', autoComplete: 'username' } as const
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {email === undefined ? (
        <Field label={text.email} error={errorOf('email')}>
          {(control) => <Input {...control} {...username} autoFocus />}
        </Field>
      ) : (
        // For programs that keep passwords.
        <input {...username} readOnly hidden />
      )}
      <Field label={text.password} error={errorOf('password')}>
        {(control) => (
          <Input
            {...control}
            {...form.register('password')}
            type="password"
            autoComplete="current-password"
          />
        )}
      </Field>
      {needsCode && (
        <Field label={text.code} error={errorOf('code')}>
          {(control) => (
            <Input {...control} {...form.register('code')} autoComplete="one-time-code" autoFocus />
          )}
        </Field>
      )}
      {failure !== undefined && <Problem error={failure} />}
      <Button look="primary" type="submit" isBusy={isBusy}>
        {text.signIn}
      </Button>
      {children}
    </form>
  )
}
