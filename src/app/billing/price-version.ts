import { accept, type Outcome } from '#contract/outcome.ts'
import type { PlanRow, PriceVersionRow } from '#contract/rows.gen.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'

const commercialFields = [
  'price_model',
  'currency',
  'price_monthly',
  'requests_per_month',
  'quota_mode',
  'overage_price',
  'overage_unit_price',
  'unit_price',
  'package_size',
  'basis_points',
  'tiers',
  'minimum_commitment',
  'payment',
] as const

/** The price version that holds what the plan costs now; made when its last one says something else. */
export async function currentPriceVersion(
  { everywhere }: Pick<BehaviourContext, 'everywhere'>,
  plan: PlanRow,
): Promise<Outcome<string>> {
  const latest = await latestVersion(everywhere.records, plan.id)
  if (latest !== undefined && isSamePrice(latest, plan)) return accept(latest.id)
  const terms = Object.fromEntries(
    commercialFields.flatMap((field) => (plan[field] === null ? [] : [[field, plan[field]]])),
  )
  const made = await everywhere.invoke({
    module: 'price_version',
    action: 'create',
    input: { ...terms, plan_id: plan.id, version: (latest?.version ?? 0) + 1 },
  })
  return made.ok ? accept(made.value.row.id) : made
}

/** The newest price version of a plan. */
async function latestVersion(
  records: BehaviourContext['records'],
  planId: string,
): Promise<PriceVersionRow | undefined> {
  const page = await records.list('price_version', {
    where: [{ field: 'plan_id', op: 'eq', value: planId }],
    sort: { field: 'version', descending: true },
    limit: 1,
  })
  return page.items[0]
}

const isSamePrice = (version: PriceVersionRow, plan: PlanRow): boolean =>
  commercialFields.every((field) => JSON.stringify(version[field]) === JSON.stringify(plan[field]))
