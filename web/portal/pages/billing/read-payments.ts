import { useQuery } from '@tanstack/react-query'
import { read } from '@/data/api.ts'
import { useMe } from '../../session.ts'
import type { Invoice } from './invoice.ts'

/** One try to pay an invoice, and what came of it. */
export interface Payment {
  readonly id: string
  readonly provider: string
  readonly status: string
  readonly amount: number
  readonly currency: string
  readonly created_at: string
}

/** A provider that invoices can be paid through. */
export interface PaymentProvider {
  readonly provider: string
  readonly is_default: boolean
}

/** How often a page asks while it waits for a provider's word. */
export const followMs = 2_000

/** Who invoices can be paid through; asked for owners alone, as nobody else pays. */
export function usePaymentProviders() {
  const isOwner = useMe()?.user.role === 'owner'
  return useQuery({
    queryKey: ['payment-providers'],
    queryFn: ({ signal }) =>
      read<{ readonly providers: readonly PaymentProvider[] }>('/api/v1/billing/payment-providers', signal),
    enabled: isOwner,
    staleTime: 300_000,
  }).data?.providers
}

/** The tries to pay an invoice, the youngest first. */
export const usePayments = (invoiceId: string, isFollowed: boolean) =>
  useQuery({
    queryKey: ['invoices', invoiceId, 'payments'],
    queryFn: ({ signal }) =>
      read<readonly Payment[]>(`/api/payments?invoice_id=${invoiceId}&sort=-created_at&limit=20`, signal),
    refetchInterval: isFollowed ? followMs : false,
  })

/** The invoices that somebody still has to pay, those that are due first in front; asked for owners and admins, who may see them. */
export function useUnpaid() {
  const role = useMe()?.user.role
  return useQuery({
    queryKey: ['invoices', 'unpaid'],
    queryFn: ({ signal }) =>
      read<readonly Invoice[]>('/api/invoices?status[in]=open,overdue&sort=due_at&limit=50', signal),
    enabled: role === 'owner' || role === 'admin',
    staleTime: 60_000,
  }).data
}
