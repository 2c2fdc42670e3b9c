import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { read } from '@/data/api.ts'
import { text } from '@/text/money-desk.ts'
import { buttonClass } from '@/ui/button.tsx'
import { Banner } from '@/ui/surface.tsx'

interface Provider {
  readonly capability: string
  readonly is_active: boolean
  readonly is_enabled: boolean
}

/** Says what to do where an invoice is owed and customers have no way to pay it here. */
export function WayToPay() {
  const { data } = useQuery({
    queryKey: ['providers'],
    queryFn: ({ signal }) => read<readonly Provider[]>('/admin/providers', signal),
    retry: false,
  })
  const isPayable = data?.some(
    ({ capability, is_active, is_enabled }) => capability === 'payment' && is_active && is_enabled,
  )
  if (isPayable !== false) return null
  return (
    <Banner
      tone="warning"
      action={
        <Link to="/ui/providers" className={buttonClass('plain', 'small')}>
          {text.chooseProvider}
        </Link>
      }
    >
      {text.noWayToPay}
    </Banner>
  )
}
