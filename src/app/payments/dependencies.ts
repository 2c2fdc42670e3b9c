import type { Rows } from '#contract/rows.gen.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { ProviderCatalogue } from '#ports/capability/catalogue.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { Invoke, InvokeAll } from '#ports/invoke.ts'
import type { Ledger } from '#ports/ledger.ts'
import type { Log } from '#ports/log.ts'
import type { Records } from '#ports/records.ts'
import type { SettleInvoice } from '../billing/settle-invoice.ts'
import type { TellOperators } from '../providers/tell-operators.ts'

/** What the flows of payments work with. */
export interface PaymentDependencies {
  readonly records: Records
  readonly invoke: Invoke
  readonly invokeAll: InvokeAll
  readonly ledger: Ledger
  readonly capabilities: Capabilities
  readonly tell: TellOperators
  readonly catalogue: Pick<ProviderCatalogue, 'list'>
  readonly queue: Pick<JobQueue, 'enqueue'>
  readonly settle: SettleInvoice
  /** Sends the mails that invoices and payments owe. */
  readonly mail: () => Promise<unknown>
  /** What is counted of attempts. */
  readonly counts: PaymentCounts
  /** Where people reach the instance. */
  readonly baseUrl: () => Promise<string>
  readonly clock: Clock
  readonly log: Log
}

/** Counting attempts to be paid. */
export interface PaymentCounts {
  attempt(provider: string): void
  failure(provider: string): void
}

/** Something of ours that a provider knows under an id of its own. */
export type MappedEntity =
  | 'organization'
  | 'plan'
  | 'plan_price'
  | 'subscription'
  | 'payment'
  | 'payment_method'
  | 'checkout'
  | 'refund'
  | 'dispute'
  | 'setup'

/** The local id of what a provider calls so. */
export async function localIdOf(
  records: Records,
  provider: string,
  entity: MappedEntity,
  externalId: string,
): Promise<string | undefined> {
  const found = await mapping(records, provider, entity, 'external_id', externalId)
  return found?.local_id
}

/** What a provider calls something of ours. */
export async function mappingOf(
  records: Records,
  provider: string,
  entity: MappedEntity,
  localId: string,
): Promise<Rows['provider_mapping'] | undefined> {
  return mapping(records, provider, entity, 'local_id', localId)
}

async function mapping(
  records: Records,
  provider: string,
  entity: MappedEntity,
  field: 'external_id' | 'local_id',
  value: string,
): Promise<Rows['provider_mapping'] | undefined> {
  const { items } = await records.list('provider_mapping', {
    where: [
      { field: 'provider', op: 'eq', value: provider },
      { field: 'entity_type', op: 'eq', value: entity },
      { field, op: 'eq', value },
    ],
    limit: 1,
  })
  return items[0]
}
