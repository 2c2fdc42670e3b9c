import type { Metering } from '#ports/route-plans.ts'
import { headerValues } from '../measure/flat-headers.ts'

/** What went over a WebSocket so far: payload bytes on the wire and whole messages, by who sent them. */
export interface Traffic {
  readonly requestBytes: number
  readonly responseBytes: number
  readonly requestMessages: number
  readonly responseMessages: number
}

/** How one connection is counted. */
export interface Tariff {
  /** Units that are held ahead of their use; 0 where nothing is used up after the upgrade. */
  readonly slice: number
  /** Takes in the headers of the upgrade's answer, a flat list. */
  onHead(headers: readonly string[]): void
  /** All units of the connection after this traffic. */
  unitsOf(traffic: Traffic): number
}

/** Makes the tariff of a connection from the metering of its route. */
export function createTariff(
  metering: Metering,
  call: { readonly method: string; readonly path: string },
): Tariff {
  const { program, fixedUnits, fallbackUnits, worstCaseUnits } = metering
  if (program === null) {
    const units = fixedUnits ?? fallbackUnits
    return { slice: 0, onHead: () => {}, unitsOf: () => units }
  }
  let headers: ReturnType<typeof headerValues> = {}
  return {
    slice: worstCaseUnits,
    onHead(list) {
      if (program.usesHeaders) headers = headerValues(list)
    },
    unitsOf(traffic) {
      const result = program.run({
        method: call.method,
        path: call.path,
        status: 101,
        request_bytes: traffic.requestBytes,
        response_bytes: traffic.responseBytes,
        request_messages: traffic.requestMessages,
        response_messages: traffic.responseMessages,
        headers,
      })
      const value = result.ok ? (result.value as number) : -1
      return value < 0 ? fallbackUnits : Math.floor(value + 0.5)
    },
  }
}
