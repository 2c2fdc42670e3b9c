import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, call } from '@/data/api.ts'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { Button } from '@/ui/button.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { LonePage } from '@/ui/shell.tsx'

/** Where operators sign in, with the code of a second factor when the server wants one; afterwards they are where they wanted to go, as long as that is one of these pages. */
export function SignInPage() {
  const { next } = useSearch({ from: '/ui/sign-in' })
  const router = useRouter()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [needsCode, setNeedsCode] = useState(false)
  const start = { email: '', password: '', code: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async ({ code, ...rest }) => {
    try {
      await call('POST', '/admin/login', code === '' ? rest : { ...rest, code })
    } catch (error) {
      const wantsCode = error instanceof ApiError && error.problems.some(({ field }) => field === 'code')
      if (wantsCode && !needsCode) return setNeedsCode(true)
      throw error
    }
    client.clear()
    if (next !== undefined && /^\/ui(?:[/?]|$)/.test(next)) router.history.push(next)
    else await navigate({ to: '/ui' })
  })
  return (
    <LonePage title={text.signInTitle} lead={text.signInLead}>
      <form className="grid gap-4" onSubmit={submit} noValidate>
        {next !== undefined && next !== '/ui' && <p className="text-[13px] text-quiet">{shared.signedOut}</p>}
        <Field label={shared.email} error={errorOf('email')}>
          {(control) => (
            <Input {...control} {...form.register('email')} type="email" autoComplete="username" autoFocus />
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
        <Link to="/ui/setup" className="text-center text-[13px] text-quiet hover:text-text">
          {text.setupLink}
        </Link>
      </form>
    </LonePage>
  )
}
