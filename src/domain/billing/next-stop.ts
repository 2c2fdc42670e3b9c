const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** The biller runs at five past every hour. */
const billerMs = 5 * minuteMs

/** Moments that something is due at, and by what: subscriptions change every minute, the biller runs every hour, jobs at their time. */
export interface DueMoments {
  readonly subscriptions: readonly number[]
  readonly biller: readonly number[]
  readonly jobs: readonly number[]
}

/** Where time has to stop next on its way, so that what is due is done at the time it would be: once a day, and at the end, in any case. */
export function nextStop(afterMs: number, toMs: number, { subscriptions, biller, jobs }: DueMoments): number {
  const stops = [
    firstAfter(afterMs, dayMs),
    ...subscriptions.map((at) => Math.ceil(at / minuteMs) * minuteMs),
    ...biller.map((at) => firstAfter(at - 1, hourMs)),
    ...jobs,
  ]
  return Math.min(toMs, ...stops.filter((at) => at > afterMs))
}

/** The first five past of an hour or a day after a moment. */
const firstAfter = (ms: number, everyMs: number): number =>
  (Math.floor((ms - billerMs) / everyMs) + 1) * everyMs + billerMs
