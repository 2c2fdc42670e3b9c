import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { ownCall } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'

/** The job that looks at an event. */
export const eventJob = 'payments.event'

/** A message of a payment provider as it came in. */
export interface IncomingEvent {
  readonly provider: string
  /** The body, byte for byte. */
  readonly raw: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Keeps a message whose signature holds, once for its id, and leaves it to the queue. It is accepted when it is stored, and only then:
 * what is refused the provider sends again.
 */
export type ReceiveEvent = (event: IncomingEvent) => Promise<Outcome<{ readonly isNew: boolean }>>

const providerName = /^[a-z][a-z0-9_]{0,39}$/
const unknownProvider = refuse('not_found', 'There is no such payment provider')

/** The inbox of payment providers. */
export function createReceiveEvent(deps: PaymentDependencies): ReceiveEvent {
  return async ({ provider, raw, headers }) => {
    if (!(await isPaymentProvider(deps, provider))) return unknownProvider
    const service = deps.capabilities.capability('payment', { provider })
    const checked = await service.handle_webhook({ payload: objectIn(raw), raw, headers: { ...headers } })
    if (!checked.ok) return outward(checked)
    const {
      event_id: eventId,
      event_type,
      processed,
      payment_id,
      checkout_id,
      reference,
      customer_id,
      dispute_id,
      subscription_id,
    } = checked.value
    if (eventId === undefined || eventId === '' || eventId === null)
      return refuse('invalid_request', 'The message has no id')
    const input = {
      provider,
      event_id: eventId,
      event_type,
      body: raw,
      ...(payment_id ? { payment_id } : {}),
      ...(checkout_id ? { checkout_id } : {}),
      ...(reference ? { reference } : {}),
      ...(customer_id ? { customer_id } : {}),
      ...(dispute_id ? { dispute_id } : {}),
      ...(subscription_id ? { subscription_id } : {}),
      ...(processed ? {} : { status: 'ignored', result: 'not_ours' }),
    }
    const stored = await deps.invoke(ownCall({ module: 'provider_event', action: 'create', input }))
    if (!stored.ok && stored.code !== 'conflict')
      return refuse('service_unavailable', 'The message could not be stored; send it again')
    const event = await storedEvent(deps, provider, eventId)
    if (event === undefined) return refuse('service_unavailable', 'The message could not be stored')
    if (event.status === 'received') await queueEvent(deps, event.id)
    return accept({ isNew: stored.ok })
  }
}

/** Lets the queue look at an event. One that could not be queued is found by the hourly look. */
export async function queueEvent(
  { queue, log }: Pick<PaymentDependencies, 'queue' | 'log'>,
  id: string,
): Promise<void> {
  const queued = await queue.enqueue({ name: eventJob, payload: { id }, dedupeKey: id })
  if (!queued.ok) log.warn({ event: id, reason: queued.message }, 'a provider event could not be queued')
}

async function isPaymentProvider(
  { catalogue }: Pick<PaymentDependencies, 'catalogue'>,
  name: string,
): Promise<boolean> {
  if (!providerName.test(name)) return false
  const known = await catalogue.list()
  return known.some(({ capability, provider }) => capability === 'payment' && provider === name)
}

async function storedEvent(
  { records }: Pick<PaymentDependencies, 'records'>,
  provider: string,
  eventId: string,
): Promise<Rows['provider_event'] | undefined> {
  const { items } = await records.list('provider_event', {
    where: [
      { field: 'provider', op: 'eq', value: provider },
      { field: 'event_id', op: 'eq', value: eventId },
    ],
    limit: 1,
  })
  return items[0]
}

/** What a stranger is told: not how the provider is set up. */
function outward({ code, message }: Refusal): Refusal {
  if (code === 'invalid_signature' || code === 'invalid_request') return refuse(code, message)
  return refuse('service_unavailable', 'Messages of this provider cannot be taken in at this moment')
}

/** The body as an object for providers that read it so; what counts is the text that was signed. */
function objectIn(raw: string): object {
  try {
    const value: unknown = JSON.parse(raw)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
