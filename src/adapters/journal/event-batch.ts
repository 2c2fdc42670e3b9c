import type { UsageEvent } from '#contract/usage-event.ts'
import { encodeEvent, encodeSource, isMeterable, type NumberedSource } from './line.ts'

/** The lines of one batch: events, and before the first one of each source that source, so that a batch is read without any other. */
export class EventBatch {
  /** Without the empty line that ends the batch. */
  text = ''

  private readonly byKey = new Map<string, NumberedSource[]>()
  private count = 0
  private last: NumberedSource | undefined = undefined

  /** False, and nothing is added, when the event holds a number that cannot be metered. */
  add(event: UsageEvent): boolean {
    if (!isMeterable(event)) return false
    const number = this.numberOf(event)
    this.text += encodeEvent(event, number)
    return true
  }

  private numberOf(event: UsageEvent): number {
    if (this.last === undefined || !isSameSource(this.last.source, event)) this.last = this.find(event)
    return this.last.number
  }

  private find(event: UsageEvent): NumberedSource {
    const alike = this.byKey.get(event.api_key_id)
    const known = alike?.find(({ source }) => isSameSource(source, event))
    if (known !== undefined) return known
    const added = { number: this.count++, source: event }
    if (alike === undefined) this.byKey.set(event.api_key_id, [added])
    else alike.push(added)
    this.text += encodeSource(added)
    return added
  }
}

const isSameSource = (a: NumberedSource['source'], b: NumberedSource['source']): boolean =>
  a.route_id === b.route_id &&
  a.api_key_id === b.api_key_id &&
  a.subscription_id === b.subscription_id &&
  a.plan_id === b.plan_id &&
  a.organization_id === b.organization_id &&
  a.api_id === b.api_id
