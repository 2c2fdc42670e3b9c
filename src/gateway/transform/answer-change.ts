import type { RequestFacts } from '#ports/expression.ts'
import type { ResponseTransform } from '#ports/route-plans.ts'
import { headerOf } from '../measure/flat-headers.ts'
import { type HeldBody, holdBody, plainBody } from './body.ts'
import type { TransformFailure } from './evaluate.ts'
import { type TransformedResponse, transformResponse } from './transform-response.ts'

/** The response_transform at work on one answer. */
export interface AnswerChange {
  /**
   * Takes the upstream's head: gives the headers that leave instead, or undefined when the body has to be complete first and
   * nothing may leave before it is.
   */
  begin(
    status: number,
    headers: readonly string[],
    hasBody: boolean,
  ): TransformedResponse | TransformFailure | undefined
  /** Takes a piece of a body that is waited for; false when it has become too large to be held. */
  add(chunk: Buffer): boolean
  /** Ends such a body: `body` is all that leaves. `then` comes within this call, or later where the body was compressed. */
  end(then: (changed: ChangedAnswer | TransformFailure) => void): void
}

/** An answer, body and all. */
export interface ChangedAnswer {
  readonly ok: true
  readonly headers: string[]
  readonly body: Buffer
}

/** Creates the change of one answer. */
export function createAnswerChange(plan: ResponseTransform, request: RequestFacts): AnswerChange {
  const head = { status: 0, headers: [] as readonly string[] }
  let held: HeldBody | undefined
  const transformed = (body: Buffer | null) => transformResponse(plan, { ...head, body, request })
  return {
    begin(status, headers, hasBody) {
      head.status = status
      head.headers = headers
      if (!plan.needsBody || !hasBody) return transformed(null)
      held = holdBody()
      return undefined
    },
    add: (chunk) => held?.add(chunk) ?? true,
    end(then) {
      const whole = held ?? holdBody()
      plainBody(whole, headerOf(head.headers, 'content-encoding'), 'response_transform', (plain) => {
        if (!plain.ok) return then(plain)
        const changed = transformed(plain.body)
        then(changed.ok ? { ...changed, body: changed.body ?? whole.take() } : changed)
      })
    },
  }
}
