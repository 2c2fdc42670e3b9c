import type { MeteringPlan } from '#domain/metering/plan.ts'
import type { TransformPlan } from '#domain/transform/plan.ts'
import type { Program } from './expression.ts'

/** How a route changes its requests. */
export type RequestTransform = TransformPlan<Program<'request'>>

/** How a route changes its answers. */
export type ResponseTransform = TransformPlan<Program<'response'>>

/** How a route's calls are measured. */
export type Metering = MeteringPlan<Program<'metering'>>

/** Everything of a route that is compiled from expressions; null is no transform. */
export interface RoutePlans {
  readonly requestTransform: RequestTransform | null
  readonly responseTransform: ResponseTransform | null
  readonly metering: Metering
}
