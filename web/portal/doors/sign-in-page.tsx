import { Link, useSearch } from '@tanstack/react-router'
import { text as shared } from '@/text/en.ts'
import { text } from '@/text/portal.ts'
import { SignInForm } from '@/ui/sign-in-form.tsx'
import { isRegistrationOpen } from '../brand.ts'
import { AlreadyIn } from './already-in.tsx'
import { DoorPage } from './door-page.tsx'
import { ElsewhereButtons } from './elsewhere-buttons.tsx'
import { useGoOn } from './go-on.ts'

/** Where customers sign in. */
export function SignInPage() {
  const goOn = useGoOn()
  const { closed } = useSearch({ strict: false }) as { closed?: true }
  return (
    <DoorPage title={shared.signIn} {...(closed ? { lead: text.closeDone } : {})}>
      <AlreadyIn />
      <SignInForm door="/api/v1/auth/login" onDone={goOn}>
        <ElsewhereButtons />
        <div className="grid justify-items-center gap-2 text-[13px] text-quiet">
          <Link to="/portal/forgot-password" search={{}} className="hover:text-text">
            {text.forgot}
          </Link>
          {isRegistrationOpen() && (
            <Link to="/portal/sign-up" search={true} className="hover:text-text">
              {text.noAccount}
            </Link>
          )}
        </div>
      </SignInForm>
    </DoorPage>
  )
}
