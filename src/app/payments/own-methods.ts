import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { ownCall } from '../billing/dependencies.ts'
import type { ChargeInvoice } from './charge-invoice.ts'
import type { PaymentDependencies } from './dependencies.ts'

/** What customers do with the ways to pay that they keep, and by one of them. */
export interface OwnMethods {
  list(organizationId: string): Promise<readonly object[]>
  makeDefault(organizationId: string, id: string): Promise<Outcome<object>>
  remove(organizationId: string, id: string): Promise<Outcome<object>>
  /** Pays an invoice now; declined is an answer, too. */
  pay(
    organizationId: string,
    wish: { readonly invoiceId: string; readonly methodId?: string },
  ): Promise<Outcome<Rows['payment']>>
}

const missing = refuse('not_found', 'There is no such payment method')

/** A payment method as customers see it. */
const shown = (method: Rows['payment_method']) => ({
  id: method.id,
  provider: method.provider,
  kind: method.kind,
  brand: method.brand,
  last4: method.last4,
  label: method.label,
  expires_at: method.expires_at,
  is_default: method.is_default,
  status: method.status,
  decline_code: method.decline_code,
  created_at: method.created_at,
})

/** Makes them. */
export function createOwnMethods(
  deps: Pick<PaymentDependencies, 'records' | 'invoke'>,
  charge: ChargeInvoice,
): OwnMethods {
  const { records } = deps

  async function act(organizationId: string, id: string, action: string): Promise<Outcome<object>> {
    const method = await records.get('payment_method', id)
    if (method?.organization_id !== organizationId || method.status === 'removed') return missing
    const done = await deps.invoke(ownCall({ module: 'payment_method', action, id }))
    if (!done.ok) return done
    const now = await records.get('payment_method', id)
    return now === undefined ? missing : accept(shown(now))
  }

  return {
    async list(organizationId) {
      const { items } = await records.list('payment_method', {
        where: [
          { field: 'organization_id', op: 'eq', value: organizationId },
          { field: 'status', op: 'ne', value: 'removed' },
        ],
        sort: { field: 'created_at', descending: true },
        limit: 100,
      })
      return items.map(shown)
    },
    makeDefault: (organizationId, id) => act(organizationId, id, 'make_default'),
    remove: (organizationId, id) => act(organizationId, id, 'remove'),
    async pay(organizationId, { invoiceId, methodId }) {
      const invoice = await records.get('invoice', invoiceId)
      if (invoice?.organization_id !== organizationId || invoice.status === 'draft')
        return refuse('not_found', 'There is no such invoice')
      const wish = { by: 'customer', ...(methodId === undefined ? {} : { methodId }) } as const
      const paid = await charge(invoiceId, wish)
      if (!paid.ok) return paid
      return paid.value === undefined ? refuse('conflict', 'The payment is gone') : accept(paid.value)
    },
  }
}
