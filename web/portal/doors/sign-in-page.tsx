import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, call } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { DoorPage } from './door-page.tsx'
import { ElsewhereButtons } from './elsewhere-buttons.tsx'
import { useGoOn } from './go-on.ts'

/** Where customers sign in; the code of a second factor is asked for when the server wants one. */
export function SignInPage() {
  const goOn = useGoOn()
  const [needsCode, setNeedsCode] = useState(false)
  const start = { email: '', password: '', code: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async ({ code, ...rest }) => {
    try {
      await call('POST', '/api/v1/auth/login', code === '' ? rest : { ...rest, code })
    } catch (error) {
      const wantsCode = error instanceof ApiError && error.problems.some(({ field }) => field === 'code')
      if (wantsCode && !needsCode) return setNeedsCode(true)
      throw error
    }
    goOn()
  })
  const { closed } = useSearch({ strict: false }) as { closed?: true }
  return (
    <DoorPage title={shared.signIn} {...(closed ? { lead: text.closeDone } : {})}>
      <form className="grid gap-4" onSubmit={submit} noValidate>
        <Field label={shared.email} error={errorOf('email')}>
          {(control) => (
            <Input {...control} {...form.register('email')} type="email" autoComplete="username" />
          )}
        </Field>
        <Field label={shared.password} error={errorOf('password')}>
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
          <Field label={shared.code} error={errorOf('code')}>
            {(control) => (
              <Input {...control} {...form.register('code')} autoComplete="one-time-code" autoFocus />
            )}
          </Field>
        )}
        {failure !== undefined && <Problem error={failure} />}
        <Button look="primary" type="submit" isBusy={isBusy}>
          {shared.signIn}
        </Button>
        <ElsewhereButtons />
        <div className="flex flex-wrap justify-between gap-2 text-[13px] text-quiet">
          <Link to="/portal/sign-up" search={true} className="hover:text-text">
            {text.noAccount}
          </Link>
          <Link to="/portal/forgot-password" search={{}} className="hover:text-text">
            {text.forgot}
          </Link>
        </div>
      </form>
    </DoorPage>
  )
}
