import { passedLines } from './answer-headers.ts'
import type { Call } from './call.ts'
import type { AnswerHead } from './inbound.ts'
import { limitLines } from './limit-headers.ts'
import type { HeaderList } from './wire/header-list.ts'

/** The head that a client gets of an upstream's answer; undefined when one of its fields would not stay one line. */
export function answerHead(
  { holds, requestId }: Call,
  status: number,
  reason: string,
  headers: HeaderList,
  bodyLength: number | undefined,
  nowMs: number,
): AnswerHead | undefined {
  const passed = passedLines(headers)
  if (passed === undefined) return undefined
  const limits = limitLines(holds.limits, nowMs)
  const lines = `${passed.lines}X-Request-Id: ${requestId}\r\n${limits}`
  return { status, reason, lines, hasDate: passed.hasDate, bodyLength }
}
