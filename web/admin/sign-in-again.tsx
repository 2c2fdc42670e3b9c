import { useQueryClient } from '@tanstack/react-query'
import { text } from '@/text/en.ts'
import { Dialog } from '@/ui/dialog.tsx'
import { SignInForm } from '@/ui/sign-in-form.tsx'

/** Signs the same operator in again, above what they were at. */
export function SignInAgain({
  email,
  onDone,
  onLeave,
}: {
  email: string
  onDone: () => void
  onLeave: () => void
}) {
  const client = useQueryClient()
  return (
    <Dialog isOpen onClose={onLeave} title={text.againTitle} description={text.againHelp(email)}>
      <SignInForm
        door="/admin/login"
        email={email}
        onDone={() => {
          onDone()
          void client.invalidateQueries()
        }}
      />
    </Dialog>
  )
}
