import type { DomainEvent } from '#contract/events.ts'
import { isWanted } from '#domain/webhook/event-filter.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Listener, NewDelivery, WebhookLog } from '#ports/webhook-log.ts'

/** Whether those who may look at an organization's records hear of an event; without an organization, whether the platform does. */
export type IsTold = (event: DomainEvent, organizationId: string | null) => boolean

/** Turns committed events into deliveries of a log. Run twice on the same events it notes them once. */
export type RecordDeliveries = (events: readonly DomainEvent[], log: WebhookLog) => Promise<void>

const endpointModule = 'webhook_endpoint'
/** What concerns nobody but the endpoint itself, and what deliveries do. */
const ownTypes: ReadonlySet<string> = new Set([
  `${endpointModule}.test`,
  `${endpointModule}.replay`,
  'webhook_delivery.replay',
])

/** Makes it; `ids` name the deliveries. */
export function createRecordDeliveries(deps: {
  readonly ids: Ids
  readonly clock: Clock
  readonly isTold: IsTold
}): RecordDeliveries {
  const { ids, clock, isTold } = deps

  const delivery = (event: DomainEvent, to: Pick<Listener, 'id' | 'organizationId'>): NewDelivery => ({
    id: ids.next('whd'),
    organizationId: to.organizationId,
    endpointId: to.id,
    eventId: event.id,
    type: event.type,
    recordId: event.record_id,
    seq: event.seq,
    body: JSON.stringify({ id: event.id, type: event.type, timestamp: event.at, data: event.data }),
  })
  const deliveriesOf = (event: DomainEvent, listeners: readonly Listener[]): readonly NewDelivery[] => {
    const { type, record_id: id, organization_id: organizationId } = event
    if (type === `${endpointModule}.test`) return [delivery(event, { id, organizationId })]
    if (ownTypes.has(type)) return []
    return listeners
      .filter((listener) => listener.id !== id && listener.createdAt <= event.at)
      .filter(({ organizationId: owner }) => owner === null || owner === organizationId)
      .filter((listener) => isTold(event, listener.organizationId) && isWanted(listener.events, type))
      .map((listener) => delivery(event, listener))
  }

  return async (events, log) => {
    const organizations = new Set(events.flatMap(({ organization_id: id }) => (id === null ? [] : [id])))
    const listeners = await log.listeners([...organizations])
    await log.add(
      events.flatMap((event) => deliveriesOf(event, listeners)),
      clock.now(),
    )
    for (const { type, record_id: id, data } of events) {
      const since = data['replay_since']
      if (type === `${endpointModule}.deleted`) await log.forgetEndpoint(id)
      else if (type === `${endpointModule}.replay` && typeof since === 'string')
        await log.replayFailed(id, since, clock.now())
    }
  }
}
