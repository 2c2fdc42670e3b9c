import type { KeyKeeper } from '#app/account/keys.ts'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { refusalAnswer } from '#core/channel/http/answer.ts'
import { readBody } from '#core/channel/http/read-body.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'

const signIn = refuse('unauthorized', 'Sign in first')

/** Answers who acts in an organization. */
export function asMember(
  work: (keeper: KeyKeeper, asked: ControlRequest) => Promise<Response>,
): ControlHandler {
  return async (asked) => {
    const actor = asked.person?.actor
    return actor === undefined
      ? refusalAnswer(signIn, asked.requestId)
      : work({ actor, requestId: asked.requestId }, asked)
  }
}

/** A JSON object with no members but these. */
export async function knownBody(
  request: Request,
  names: readonly string[],
): Promise<Outcome<Readonly<Record<string, unknown>>>> {
  const body = await readBody(request)
  if (!body.ok) return body
  const unknown = Object.keys(body.value).filter((field) => !names.includes(field))
  const problems = unknown.map((field) => ({ field, reason: 'is not a known field' }))
  return problems.length > 0 ? refuseFields(problems) : accept(body.value)
}
