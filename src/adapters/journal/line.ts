import type { UsageEvent } from '#contract/usage-event.ts'

/** Begins every event line; a line of another version is not read as this one. */
const version = 1

/** The batch that closes a segment. A batch is lines, then one empty line: only then does it count. */
export const endMarker = '[0]\n\n'

const textPlaces = [1, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const
const countPlaces = [2, 12, 13, 14, 15, 16] as const

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/**
 * One event as one line of a segment, with its newline: a JSON array in a fixed order, the duration in whole milliseconds.
 * Undefined when a number is not one that could be read back and summed.
 */
export function encodeEvent(event: UsageEvent): string | undefined {
  const durationMs = Math.round(event.duration_ms)
  if (
    !isCount(event.at) ||
    !isCount(event.status) ||
    !isCount(event.units) ||
    !isCount(event.request_bytes) ||
    !isCount(event.response_bytes) ||
    !isCount(durationMs)
  ) {
    return undefined
  }
  const values = [
    version,
    event.id,
    event.at,
    event.request_id,
    event.organization_id,
    event.api_id,
    event.subscription_id,
    event.plan_id,
    event.api_key_id,
    event.route_id,
    event.method,
    event.path,
    event.status,
    event.units,
    event.request_bytes,
    event.response_bytes,
    durationMs,
  ]
  return `${JSON.stringify(values)}\n`
}

/** The event of one line (without its newline); undefined when the line is anything else. */
export function parseEvent(line: string): UsageEvent | undefined {
  let values: unknown
  try {
    values = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!Array.isArray(values) || values.length !== 17 || values[0] !== version) return undefined
  for (const place of textPlaces) if (typeof values[place] !== 'string') return undefined
  for (const place of countPlaces) if (!isCount(values[place])) return undefined
  return {
    id: values[1],
    at: values[2],
    request_id: values[3],
    organization_id: values[4],
    api_id: values[5],
    subscription_id: values[6],
    plan_id: values[7],
    api_key_id: values[8],
    route_id: values[9],
    method: values[10],
    path: values[11],
    status: values[12],
    units: values[13],
    request_bytes: values[14],
    response_bytes: values[15],
    duration_ms: values[16],
  }
}
