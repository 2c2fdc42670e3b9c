import type { UsageEvent } from '#contract/usage-event.ts'

/** Begins every event line; a line of another version is not read as this one. */
const version = 2
/** How an event line begins. */
export const eventStart = `[${version},`
/** Begins every source line. */
const sourceMark = 'source'

/** The batch that closes a segment. A batch is lines, then one empty line: only then does it count. */
export const endMarker = '[0]\n\n'

/** Who called what: the part of an event that many events share. */
export type EventSource = Pick<
  UsageEvent,
  'organization_id' | 'api_id' | 'subscription_id' | 'plan_id' | 'api_key_id' | 'route_id'
>

/** A source and the number by which the events of its batch name it. */
export interface NumberedSource {
  readonly number: number
  readonly source: EventSource
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown): value is string => typeof value === 'string'

/** True when every number of an event could be read back and summed. */
export const isMeterable = (event: UsageEvent): boolean =>
  isCount(event.at) &&
  isCount(event.status) &&
  isCount(event.units) &&
  isCount(event.request_bytes) &&
  isCount(event.response_bytes) &&
  isCount(Math.round(event.duration_ms))

/** A source as one line of a segment, with its newline. */
export function encodeSource({ number, source }: NumberedSource): string {
  const { organization_id, api_id, subscription_id, plan_id, api_key_id, route_id } = source
  const values = [sourceMark, number, organization_id, api_id, subscription_id, plan_id, api_key_id, route_id]
  return `${JSON.stringify(values)}\n`
}

/**
 * A meterable event as one line of a segment, with its newline: a JSON array in a fixed order, the duration in whole milliseconds. A
 * request id that is the event's own stands there as 0.
 */
export function encodeEvent(event: UsageEvent, sourceNumber: number): string {
  const values = [
    version,
    event.id,
    event.at,
    event.request_id === event.id ? 0 : event.request_id,
    sourceNumber,
    event.method,
    event.path,
    event.status,
    event.units,
    event.request_bytes,
    event.response_bytes,
    Math.round(event.duration_ms),
  ]
  return `${JSON.stringify(values)}\n`
}

/** The list of values that a line is (without its newline); undefined when it is none. */
export function parseLine(line: string): readonly unknown[] | undefined {
  try {
    const values: unknown = JSON.parse(line)
    return Array.isArray(values) ? values : undefined
  } catch {
    return undefined
  }
}

/** The source that the values of a line say; undefined when they say anything else. */
export function readSource(values: readonly unknown[]): NumberedSource | undefined {
  const [mark, number, organization_id, api_id, subscription_id, plan_id, api_key_id, route_id] = values
  if (values.length !== 8 || mark !== sourceMark || !isCount(number)) return undefined
  if (!isText(organization_id) || !isText(api_id) || !isText(subscription_id)) return undefined
  if (!isText(plan_id) || !isText(api_key_id) || !isText(route_id)) return undefined
  return { number, source: { organization_id, api_id, subscription_id, plan_id, api_key_id, route_id } }
}

/** The event that the values of a line say, its source looked up by number; undefined when they say anything else. */
export function readEvent(
  values: readonly unknown[],
  sources: ReadonlyMap<unknown, EventSource>,
): UsageEvent | undefined {
  const source = sources.get(values[4])
  if (source === undefined || values.length !== 12 || values[0] !== version) return undefined
  const [, id, at, requestId, , method, path, status, units, request_bytes, response_bytes, duration_ms] =
    values
  if (!isText(id) || !isText(method) || !isText(path)) return undefined
  if (!isCount(at) || !isCount(status) || !isCount(units)) return undefined
  if (!isCount(request_bytes) || !isCount(response_bytes) || !isCount(duration_ms)) return undefined
  const request_id = requestId === 0 ? id : requestId
  if (!isText(request_id)) return undefined
  return {
    id,
    at,
    request_id,
    organization_id: source.organization_id,
    api_id: source.api_id,
    subscription_id: source.subscription_id,
    plan_id: source.plan_id,
    api_key_id: source.api_key_id,
    route_id: source.route_id,
    method,
    path,
    status,
    units,
    request_bytes,
    response_bytes,
    duration_ms,
  }
}
