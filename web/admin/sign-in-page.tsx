import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { text } from '@/text/admin.ts'
import { text as shared } from '@/text/en.ts'
import { LonePage } from '@/ui/shell.tsx'
import { SignInForm } from '@/ui/sign-in-form.tsx'

/** Where operators sign in; afterwards they are where they wanted to go, as long as that is one of these pages. */
export function SignInPage() {
  const { next } = useSearch({ from: '/ui/sign-in' })
  const router = useRouter()
  const navigate = useNavigate()
  const client = useQueryClient()
  const enter = (): void => {
    client.clear()
    if (next !== undefined && /^\/ui(?:[/?]|$)/.test(next)) router.history.push(next)
    else void navigate({ to: '/ui' })
  }
  return (
    <LonePage title={text.signInTitle} lead={text.signInLead}>
      {next !== undefined && next !== '/ui' && (
        <p className="mb-4 text-[13px] text-quiet">{shared.signedOut}</p>
      )}
      <SignInForm door="/admin/login" onDone={enter}>
        <Link to="/ui/setup" className="text-center text-[13px] text-quiet hover:text-text">
          {text.setupLink}
        </Link>
      </SignInForm>
    </LonePage>
  )
}
