import type { CallerFacts } from '#ports/expression.ts'
import type { Call } from './call.ts'
import { type AnswerChange, createAnswerChange } from './transform/answer-change.ts'
import type { TransformFailure } from './transform/evaluate.ts'
import { linesForReadableAnswer, requestFacts, transformRequest } from './transform/transform-request.ts'
import type { ForwardFacts } from './upstream-request.ts'

/** A request as it goes on. */
export interface Outgoing {
  readonly ok: true
  readonly facts: ForwardFacts
  /** Takes the place of the body; null leaves the body that was sent. */
  readonly body: Buffer | null
}

/** True when the route's request_transform has to see the whole body before anything is sent. */
export const needsRequestBody = (call: Call, { head }: ForwardFacts): boolean =>
  call.plans.requestTransform?.needsBody === true && head.body !== 'none' && head.body !== 0

/** Applies what the route does to its requests. `plain` is the whole body, where needsRequestBody, else null. */
export function outgoingRequest(
  call: Call,
  facts: ForwardFacts,
  plain: Buffer | null,
): Outgoing | TransformFailure {
  const { requestTransform, responseTransform, metering } = call.plans
  const isAnswerRead = (call.grant !== null && metering.needsBody) || responseTransform?.needsBody === true
  if (requestTransform === null && !isAnswerRead) return { ok: true, facts, body: null }
  let { query, lines } = facts
  let body: Buffer | null = null
  if (requestTransform !== null) {
    const changed = transformRequest(requestTransform, {
      method: call.inbound.method,
      path: call.path,
      query,
      lines,
      captures: facts.captures,
      key: callerFacts(call),
      body: plain,
    })
    if (!changed.ok) return changed
    query = changed.query
    lines = changed.lines
    body = changed.body
  }
  if (isAnswerRead) lines = linesForReadableAnswer(lines)
  return { ok: true, facts: { ...facts, query, lines }, body }
}

/** What the route does to its answers; null where they pass as they are. */
export function answerChange(call: Call, facts: ForwardFacts): AnswerChange | null {
  const plan = call.plans.responseTransform
  if (plan === null) return null
  const { method } = call.inbound
  const { path } = call
  const isAsked = plan.variables.has('request')
  return createAnswerChange(plan, isAsked ? requestFacts({ ...facts, method, path }) : { method, path })
}

const callerFacts = ({ grant }: Call): CallerFacts => ({
  id: grant?.key.id ?? '',
  organization_id: grant?.key.organizationId ?? '',
  plan: grant?.plan.name ?? '',
})
