import { lineOf } from '#domain/billing/invoice-line.ts'
import type { TestHouse } from '#test/support/start-house.ts'

/** Signs up somebody with a company. */
export type SignUp = (
  email: string,
  company: string,
) => Promise<{ readonly user: { readonly id: string }; readonly organization: { readonly id: string } }>

/** Customers whose pages look otherwise than those of somebody for whom all is well. */
export const states = {
  /** Has just signed up: every list is empty. */
  newcomer: { email: 'linus@newcomer.example', company: 'Newcomer' },
  /** Owes an invoice for long, and has used up what the plan includes. */
  overdue: { email: 'edsger@overdue.example', company: 'Overdue' },
  /** Pays in advance, and has nothing left. */
  prepaid: { email: 'barbara@prepaid.example', company: 'Prepaid' },
} as const

/** Makes them; answers the keys to be called with until nothing is left. Their plans are sold to nobody else. */
export async function makeStates(house: TestHouse, signUp: SignUp): Promise<readonly string[]> {
  await signUp(states.newcomer.email, states.newcomer.company)
  const small = { name: 'small', requests_per_month: 40, quota_mode: 'hard', price_monthly: 900 }
  const overdue = await onPlanOfItsOwn(house, signUp, states.overdue, small)
  const line = lineOf('USD', { kind: 'manual', description: 'Moving the stations', amountMinor: 18_000n })
  const { organizationId } = overdue
  const order = {
    organizationId,
    kind: 'manual',
    origin: 'screenshots',
    currency: 'USD',
    lines: [line],
  } as const
  const issued = await house.running.house.billing.issue(order)
  if (!issued.ok) throw new Error(issued.message)
  const inAdvance = { name: 'in advance', payment: 'prepaid', price_model: 'per_unit', unit_price: '0.05' }
  const prepaid = await onPlanOfItsOwn(house, signUp, states.prepaid, inAdvance)
  const credit = { organization_id: prepaid.organizationId, amount: 200, currency: 'USD' }
  await house.api('POST', '/admin/billing/credits', credit)
  return [overdue.key, prepaid.key]
}

async function onPlanOfItsOwn(
  house: TestHouse,
  signUp: SignUp,
  { email, company }: { readonly email: string; readonly company: string },
  plan: Readonly<Record<string, unknown>>,
): Promise<{ readonly organizationId: string; readonly key: string }> {
  const { user, organization } = await signUp(email, company)
  const { id } = await house.create('plans', { rate_limit_per_minute: 600, ...plan })
  const { data } = (await house.api('GET', `/api/subscriptions?organization_id=${organization.id}`)).body
  const changed = await house.api('POST', `/api/subscriptions/${data[0].id}/change_plan`, { plan_id: id })
  if (changed.status >= 400) throw new Error(JSON.stringify(changed.body))
  await house.api('PATCH', `/api/plans/${id}`, { enabled: false })
  const wish = { name: 'production', user_id: user.id, organization_id: organization.id }
  return { organizationId: organization.id, key: (await house.create('api_keys', wish)).key }
}
