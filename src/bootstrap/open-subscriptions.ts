import { readCron } from '#adapters/schedule/cron.ts'
import { type CarryOut, createCarryOut, scheduleCarryOut } from '#app/billing/carry-out.ts'
import { offeredPlans } from '#app/billing/offered-plans.ts'
import { changeOwnPlan, previewPlanChange } from '#app/billing/own-plan.ts'
import { type Rehearsal, rehearsePlan } from '#app/billing/rehearse-plan.ts'
import { Fault, type Outcome } from '#contract/outcome.ts'
import type { PlanDependencies } from '#control/account/plan-handlers.ts'
import { readDocument } from '#core/document/read-document.ts'
import type { Engine } from '#core/engine.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import type { Log } from '#ports/log.ts'
import type { UsageStore } from '#ports/usage-store.ts'

/** What time does to the subscriptions of an instance. */
export interface Subscriptions {
  /** Does everything that is due; the queue does it every minute. */
  readonly carryOut: CarryOut
  /** What members do with the plan of their organization. */
  readonly ownPlan: PlanDependencies['ownPlan']
  /** What a draft of a plan, as YAML or JSON, would have earned with the use that really was. */
  rehearse(draft: string, months: { readonly from: string; readonly to: string }): Promise<Outcome<Rehearsal>>
}

/** Makes it, and lets the queue do it. */
export function openSubscriptions(deps: {
  readonly engine: Engine
  readonly queue: JobQueue
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly usageStore: UsageStore
}): Subscriptions {
  const { records, invoke, invokeAll } = deps.engine
  const carryOut = createCarryOut({ ...deps, records, invoke, invokeAll })
  const everyMinute = readCron('* * * * *')
  if (!everyMinute.ok) throw new Fault('internal_error', everyMinute.message)
  scheduleCarryOut({ records, queue: deps.queue, carryOut, everyMinute: everyMinute.value })
  return {
    carryOut,
    async rehearse(draft, months) {
      const document = await readDocument(draft)
      return document.ok ? rehearsePlan({ ...deps, records }, document.value.data, months) : document
    },
    ownPlan: {
      offered: ({ actor }) => offeredPlans(records, actor.organizationId),
      change: (keeper, wish) => changeOwnPlan({ ...deps, records, invoke }, keeper, wish),
      preview: (id, wish) => previewPlanChange({ ...deps, records }, id, wish),
    },
  }
}
