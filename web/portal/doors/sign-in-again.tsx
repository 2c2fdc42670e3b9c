import { useMutation, useQueryClient } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { Button, buttonClass } from '@/ui/button.tsx'
import { Dialog } from '@/ui/dialog.tsx'
import { Problem } from '@/ui/problem.tsx'
import { SignInForm } from '@/ui/sign-in-form.tsx'
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
    <Dialog isOpen onClose={onLeave} title={shared.againTitle} description={shared.againHelp(user.email)}>
      <div className="grid gap-4">
        <SignInForm door="/api/v1/auth/login" email={user.email} onDone={done} />
        {providers.length > 0 && <Elsewhere user={user} onDone={done} />}
      </div>
    </Dialog>
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
