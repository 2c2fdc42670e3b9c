import { useQueryClient } from '@tanstack/react-query'
import { text } from '@/text/admin.ts'
import { PageHeader } from '@/ui/surface.tsx'
import { TwoFactorCard } from '@/ui/two-factor-card.tsx'
import { meQuery, useOperator } from '../session.ts'

/** How the operator who is signed in signs in. */
export function SecurityPage() {
  const client = useQueryClient()
  const operator = useOperator()
  return (
    <>
      <PageHeader title={text.security} description={operator?.operator.email} />
      <TwoFactorCard
        base="/admin/two-factor"
        isOn={typeof operator?.operator.totp_enabled_at === 'string'}
        onChange={() => void client.invalidateQueries({ queryKey: meQuery.queryKey })}
      />
    </>
  )
}
