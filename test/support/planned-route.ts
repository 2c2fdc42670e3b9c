import { createExpressionCompiler } from '#adapters/expression/cel-compiler.ts'
import { type PlannedFields, planRoute } from '#app/catalogue/route-plans.ts'
import type { RoutePlans } from '#ports/route-plans.ts'

const expressions = createExpressionCompiler()

/** The plans of a route with these fields and the defaults of the others; throws what is wrong with them. */
export function plannedRoute(fields: Partial<PlannedFields>): RoutePlans {
  const planned = planRoute(
    {
      request_transform: null,
      response_transform: null,
      metering_mode: 'request',
      metering_expr: '1',
      metering_fallback: 1,
      metering_max: null,
      protocol: 'http',
      ...fields,
    },
    expressions,
  )
  if (planned.ok) return planned.plans
  throw new Error(planned.problems.map(({ field, reason }) => `${field} ${reason}`).join('; '))
}
