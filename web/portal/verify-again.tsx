import { useMutation } from '@tanstack/react-query'
import { call, wordsOf } from '@/data/api.ts'
import { text } from '@/text/portal.ts'
import { Button } from '@/ui/button.tsx'
import { say } from '@/ui/toasts.tsx'

/** Sends the link that verifies an address once more. */
export function SendLinkAgain({ email }: { email: string }) {
  const again = useMutation({
    mutationFn: () => call('POST', '/api/v1/auth/request-email-verification', { email }),
    onSuccess: () => say(text.sentAgain),
    onError: (error) => say(wordsOf(error), { isBad: true }),
  })
  return (
    <Button size="small" isBusy={again.isPending} disabled={again.isSuccess} onClick={() => again.mutate()}>
      {text.sendAgain}
    </Button>
  )
}
