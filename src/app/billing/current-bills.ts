import { accept, type Outcome } from '#contract/outcome.ts'
import type { Records } from '#ports/records.ts'
import type { PreviewedInvoice, PreviewInvoice } from './preview-invoice.ts'

const mostSubscriptions = 100

/** What the running period of each subscription of an organization comes to so far, for those that have not ended. */
export async function currentBills(
  { records, preview }: { readonly records: Records; readonly preview: PreviewInvoice },
  organizationId: string,
): Promise<Outcome<readonly PreviewedInvoice[]>> {
  const { items } = await records.list('subscription', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'status', op: 'in', value: ['trialing', 'active', 'past_due', 'paused', 'cancelled'] },
    ],
    limit: mostSubscriptions,
  })
  const bills: PreviewedInvoice[] = []
  for (const { id } of items) {
    const bill = await preview(id)
    if (!bill.ok) return bill
    bills.push(bill.value)
  }
  return accept(bills)
}
