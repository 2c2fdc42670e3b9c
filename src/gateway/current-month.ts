import { type Month, monthOf } from '#domain/period.ts'

/** The calendar month (UTC) of a moment; computed anew only when the month changes. */
export type CurrentMonth = (nowMs: number) => Month

/** Creates a remembering CurrentMonth. */
export function createCurrentMonth(): CurrentMonth {
  let month = monthOf(0)
  return (nowMs) => {
    if (nowMs >= month.end || nowMs < month.start) month = monthOf(nowMs)
    return month
  }
}
