import { isHardDecline } from '../payments/decline.ts'

const dayMs = 86_400_000
/** Days from one try of a saved card to the next. */
const retryDays: readonly number[] = [2, 5, 7, 7]

/** A try of a saved card that has failed. */
export interface FailedTry {
  /** Tries by themselves that have failed so far, this one included. */
  readonly failures: number
  readonly declineCode: string | null
  readonly atMs: number
}

/** When a saved card is tried again by itself; undefined where it is not: after the last try, and where it would be of no use. */
export function nextTryMs({ failures, declineCode, atMs }: FailedTry): number | undefined {
  if (isHardDecline(declineCode)) return undefined
  const days = retryDays[failures - 1]
  return days === undefined ? undefined : atMs + days * dayMs
}

/** Until when somebody who has not paid is served as before: the days of grace after the due date, or from now where that is later. */
export const graceEndMs = (nowMs: number, dueAtMs: number, graceDays: number): number =>
  Math.max(nowMs, dueAtMs) + graceDays * dayMs
