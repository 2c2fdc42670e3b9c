import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import { useMe } from '../../session.ts'

/** A card or another way to pay that a provider keeps. */
export interface PaymentMethod {
  readonly id: string
  readonly provider: string
  readonly kind: string
  readonly brand: string
  readonly last4: string
  readonly label: string
  readonly expires_at: string | null
  readonly is_default: boolean
  readonly status: 'active' | 'expired' | 'removed'
  readonly decline_code: string | null
}

/** What is kept for the organization; asked for owners and admins, who may see it. */
export function useMethods() {
  const role = useMe()?.user.role
  return useQuery({
    queryKey: ['payment-methods'],
    queryFn: ({ signal }) => read<readonly PaymentMethod[]>('/api/v1/billing/payment-methods', signal),
    enabled: role === 'owner' || role === 'admin',
  })
}

/** How people know it: `Visa ···· 4242`. */
export function methodName({ brand, last4, label, kind }: PaymentMethod): string {
  if (last4 === '') return label || brand || kind
  const name = brand || kind
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} ···· ${last4}`
}
