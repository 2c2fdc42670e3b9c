import type { FieldProblem } from '#contract/outcome.ts'
import { type MeteringMode, planMetering } from '#domain/metering/plan.ts'
import { planTransform } from '#domain/transform/plan.ts'
import type { CompiledExpression, ExpressionCompiler, ExpressionKind } from '#ports/expression.ts'
import type { RequestTransform, ResponseTransform, RoutePlans } from '#ports/route-plans.ts'

/** The fields of a route that hold expressions, as they are stored. */
export interface PlannedFields {
  readonly request_transform: unknown
  readonly response_transform: unknown
  readonly metering_mode: MeteringMode
  readonly metering_expr: string
  readonly metering_fallback: number
  readonly metering_max: number | null
  readonly protocol: string
}

/** Compiles what a route says about transforms and metering, or names every field that is wrong and why. */
export function planRoute(
  fields: PlannedFields,
  expressions: ExpressionCompiler,
):
  | { readonly ok: true; readonly plans: RoutePlans }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] } {
  const compiler =
    <Kind extends ExpressionKind>(kind: Kind) =>
    (source: string, yields: 'text' | 'json'): CompiledExpression<Kind> =>
      expressions.compile(source, kind, yields)
  const problems: FieldProblem[] = []
  let requestTransform: RequestTransform | null = null
  let responseTransform: ResponseTransform | null = null
  if (isGiven(fields.request_transform)) {
    const planned = planTransform(
      fields.request_transform,
      'request',
      'request_transform',
      compiler('request'),
    )
    if (planned.ok) requestTransform = planned.plan
    else problems.push(...planned.problems)
  }
  if (isGiven(fields.response_transform)) {
    const planned = planTransform(
      fields.response_transform,
      'response',
      'response_transform',
      compiler('response'),
    )
    if (planned.ok) responseTransform = planned.plan
    else problems.push(...planned.problems)
  }
  const metering = planMetering(
    {
      mode: fields.metering_mode,
      expression: fields.metering_expr,
      fallbackUnits: fields.metering_fallback,
      maxUnits: fields.metering_max,
    },
    (source) => expressions.compile(source, 'metering', 'number'),
  )
  if (fields.protocol === 'websocket' && metering.ok && metering.plan.needsBody)
    problems.push({
      field: 'metering_expr',
      reason: 'reads an answer, which a WebSocket does not have; count messages or bytes',
    })
  problems.push(...streamProblems(fields.protocol, requestTransform, responseTransform))
  if (!metering.ok) return { ok: false, problems: [...problems, ...metering.problems] }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, plans: { requestTransform, responseTransform, metering: metering.plan } }
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined

/** A stream leaves as it comes, so nothing can wait for all of it. */
function streamProblems(
  protocol: string,
  request: RequestTransform | null,
  response: ResponseTransform | null,
): FieldProblem[] {
  const problems: FieldProblem[] = []
  const reason = `reads or replaces the body, which a route of protocol ${protocol} passes on as it comes`
  if (response?.needsBody === true && protocol !== 'http')
    problems.push({ field: 'response_transform', reason })
  if (request?.needsBody === true && protocol === 'websocket')
    problems.push({ field: 'request_transform', reason })
  return problems
}
