import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, call, read } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Field, Input } from '@/ui/field.tsx'
import { useServerForm } from '@/ui/form.ts'
import { Problem } from '@/ui/problem.tsx'
import { useProviders } from '../elsewhere.ts'
import type { PortalSession } from '../session.ts'

interface Parts {
  readonly user: PortalSession['user']
  readonly onDone: () => void
  /** They would rather begin anew. */
  readonly onLeave: () => void
}

/** Signs the same person in again, above what they were at. */
export function SignInAgain({ user, onDone, onLeave }: Parts) {
  const client = useQueryClient()
  const providers = useProviders()
  const done = (): void => {
    onDone()
    void client.invalidateQueries()
  }
  return (
    <Dialog isOpen onClose={onLeave} title={text.againTitle} description={text.againHelp(user.email)}>
      <div className="grid gap-4">
        <PasswordForm email={user.email} onDone={done} />
        {providers.length > 0 && <Elsewhere user={user} onDone={done} />}
      </div>
    </Dialog>
  )
}

function PasswordForm({ email, onDone }: { email: string; onDone: () => void }) {
  const [needsCode, setNeedsCode] = useState(false)
  const start = { password: '', code: '' }
  const { form, submit, isBusy, failure, errorOf } = useServerForm(start, async ({ password, code }) => {
    try {
      await call('POST', '/api/v1/auth/login', { email, password, ...(code === '' ? {} : { code }) })
    } catch (error) {
      const wantsCode = error instanceof ApiError && error.problems.some(({ field }) => field === 'code')
      if (wantsCode && !needsCode) return setNeedsCode(true)
      throw error
    }
    onDone()
  })
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {/* For programs that keep passwords. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
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
    </form>
  )
}

/** For those without a password here: they sign in in another window, and come back to this one. */
function Elsewhere({ user, onDone }: Pick<Parts, 'user' | 'onDone'>) {
  const check = useMutation({
    mutationFn: async () => {
      const me = await read<PortalSession>('/api/v1/auth/me')
      if (me.user.id !== user.id) throw new Error(text.againOther(me.user.email))
    },
    onSuccess: onDone,
  })
  return (
    <div className="grid gap-2 border-t pt-4">
      <div className="flex flex-wrap gap-2">
        <a href="/portal/sign-in" target="_blank" rel="noreferrer" className={buttonClass()}>
          {text.againElsewhere}
        </a>
        <Button isBusy={check.isPending} onClick={() => check.mutate()}>
          {text.againDone}
        </Button>
      </div>
      {check.isError && <Problem error={check.error} />}
    </div>
  )
}
