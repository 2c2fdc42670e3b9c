import type { TokenUsage } from '#domain/metering/token-usage.ts'
import type { Metering } from '#ports/route-plans.ts'
import { codingOf, createDecoder, type Decoder } from './content-coding.ts'
import { headerOf, headerValues } from './flat-headers.ts'
import { type BodyWatch, type Seen, watchBody } from './watch-body.ts'

/**
 * Why a call was not billed by its expression alone: the answer was cut off, or not of its content coding, or not JSON, or
 * larger than is looked at; the expression failed (a field is missing or no number), gave less than 0, or more than metering_max.
 */
export type MeterWarning =
  | 'above_max'
  | 'cut_off'
  | 'expression_failed'
  | 'negative'
  | 'not_json'
  | 'too_large'
  | 'undecodable'

/** What one call costs. */
export interface Measured {
  readonly units: number
  /** Token counts of a language model, where the answer told them. */
  readonly usage: TokenUsage | undefined
  /** Undefined when the expression alone decided. */
  readonly warning: MeterWarning | undefined
}

/** What the meter cannot see itself. */
export interface CallTotals {
  readonly requestBytes: number
  readonly responseBytes: number
  /** The answer came to its end; false when either side left before. */
  readonly isComplete: boolean
}

/** Measures one call while its answer passes; never holds it up, never throws, keeps a bounded part of it. */
export interface Meter {
  /** The upstream's status and headers, a flat list, before anything of ours is added. */
  onHead(status: number, headers: readonly string[]): void
  /** A piece of the upstream's body as it came, coded or not. The buffer must not change afterwards. */
  onData(chunk: Buffer): void
  /** Ends the measuring, once. `then` is called within this call, or later where the answer was compressed. */
  end(totals: CallTotals, then: (measured: Measured) => void): void
}

/** Most plain bytes of a JSON answer that are kept for its expression, in bytes. */
const mostKeptBytes = 1024 * 1024

/** Creates the meter of one call; only needed where `plan.fixedUnits` is null. */
export function createMeter(
  plan: Metering,
  call: { readonly method: string; readonly path: string },
  keptBytes = mostKeptBytes,
): Meter {
  let status = 0
  let headers: readonly string[] = []
  let watch: BodyWatch | undefined
  let decoder: Decoder | undefined
  let isUndecodable = false
  let isRead = false
  let finish: (() => void) | undefined

  function judge(totals: CallTotals): Measured {
    const seen: Seen = watch?.seen() ?? { body: undefined, usage: undefined, problem: undefined }
    const { program, fallbackUnits, worstCaseUnits } = plan
    const fallBack = (warning: MeterWarning): Measured => ({
      units: fallbackUnits,
      usage: seen.usage,
      warning,
    })
    if (program === null)
      return { units: plan.fixedUnits ?? fallbackUnits, usage: seen.usage, warning: undefined }
    const result = program.run({
      ...call,
      status,
      request_bytes: totals.requestBytes,
      response_bytes: totals.responseBytes,
      request_messages: 0,
      response_messages: 0,
      ...(program.usesHeaders ? { headers: headerValues(headers) } : undefined),
      ...(seen.body === undefined ? undefined : { body: seen.body }),
      ...(seen.usage === undefined ? undefined : { usage: seen.usage }),
    })
    const interruption = !totals.isComplete ? 'cut_off' : isUndecodable ? 'undecodable' : undefined
    if (!result.ok) return fallBack(interruption ?? seen.problem ?? 'expression_failed')
    const value = result.value as number
    if (value < 0) return fallBack('negative')
    const units = Math.floor(value + 0.5)
    if (units > worstCaseUnits) return { units: worstCaseUnits, usage: seen.usage, warning: 'above_max' }
    // Who leaves early must not pay less than who cannot be measured.
    if (interruption !== undefined && plan.needsBody)
      return { units: Math.max(units, fallbackUnits), usage: seen.usage, warning: interruption }
    return { units, usage: seen.usage, warning: undefined }
  }

  return {
    onHead(answered, list) {
      status = answered
      // The list goes on to the client's side, which adds to it.
      if (plan.program?.usesHeaders === true) headers = list.slice()
      if (!plan.needsBody) return
      const coding = codingOf(headerOf(list, 'content-encoding'))
      if (coding === undefined) {
        isUndecodable = true
        return
      }
      const watching = watchBody(plan, headerOf(list, 'content-type'), keptBytes)
      let wantsMore = true
      watch = watching
      decoder = createDecoder(coding, {
        onData(chunk) {
          wantsMore = watching.take(chunk)
          return wantsMore
        },
        onEnd(isIntact) {
          if (!isIntact && wantsMore) isUndecodable = true
          isRead = true
          finish?.()
        },
      })
    },
    onData(chunk) {
      decoder?.write(chunk)
    },
    end(totals, then) {
      const tell = (): void => then(judge(totals))
      if (decoder === undefined || isRead) {
        tell()
        return
      }
      finish = tell
      decoder.end()
    },
  }
}
