import type { DomainEvent } from '#contract/events.ts'
import type { Records } from '#ports/records.ts'
import type { Snapshot } from '#ports/snapshot.ts'
import { readCreditAccounts } from '../billing/credit-account.ts'
import { isPrepaid } from './load-snapshot.ts'

/** What changes the credit of the organization that it belongs to, or what is drawn from it. */
const ofOne = ['credit_grant', 'invoice', 'subscription', 'billing_profile', 'coupon_redemption']
/** What can change it for everybody. */
const ofAll = 'tax_rate'

/**
 * The organizations after some committed events, with their credit read again, once for each. All of a commit is taken in at once: an invoice
 * that is finalized and what it draws from credit are never seen one without the other.
 */
export async function refreshCredit(
  snapshot: Snapshot,
  records: Records,
  events: readonly DomainEvent[],
): Promise<Snapshot['organizations']> {
  let { organizations } = snapshot
  for (const id of ownersOf(snapshot, events)) {
    const known = organizations.get(id)
    if (known === undefined) continue
    const credit = await readCreditAccounts(records, id)
    if (credit !== null || known.credit !== null) organizations = organizations.with(id, { ...known, credit })
  }
  return organizations
}

function ownersOf(snapshot: Snapshot, events: readonly DomainEvent[]): ReadonlySet<string> {
  const { organizations, subscriptions, plans } = snapshot
  const owners = new Set<string>()
  for (const { module, record_id: id, organization_id: organizationId } of events) {
    if (module === ofAll)
      for (const [owner, { credit }] of organizations.entries()) if (credit !== null) owners.add(owner)
    const subscription = module === 'subscription' ? subscriptions.get(id) : undefined
    const owner = subscription?.organizationId ?? organizationId
    if (owner === null || !ofOne.includes(module)) continue
    const isNew = subscription !== undefined && isPrepaid(plans, subscription)
    if (isNew || (organizations.get(owner)?.credit ?? null) !== null) owners.add(owner)
  }
  return owners
}
