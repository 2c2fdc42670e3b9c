import { refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { payableStatuses } from '#domain/billing/invoice-status.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import { handOverExternalId } from './external-id.ts'

type Method = Rows['payment_method']

/**
 * before payment_method.create: what the provider calls it goes into provider_mapping, in the same transaction. The first method of an
 * organization is its default, and so is a new one while the default is one that its bank wants no more of.
 */
export const keepPaymentMethod: Behaviour = async (context) => {
  const { input } = context
  const mapped = await handOverExternalId(context, 'payment_method')
  if (mapped !== undefined) return mapped
  const isActive = (input['status'] ?? 'active') === 'active'
  const before = await defaultOf(context, String(input['organization_id']))
  if (!isActive) return undefined
  if (before !== undefined && before.decline_code === null && input['is_default'] !== true) return undefined
  input['is_default'] = true
  return before === undefined ? undefined : undefault(context, before)
}

/** after payment_method.create: what is open is collected by a default that is new. */
export const collectByNewMethod: Behaviour = async (context) => {
  const { is_default, status, organization_id } = context.after as unknown as Method
  return is_default && status === 'active' ? collectNow(context, organization_id) : undefined
}

/** before payment_method.make_default: there is one for each organization. */
export const makeDefaultMethod: Behaviour = async (context) => {
  const method = context.before as unknown as Method
  if (method.status !== 'active')
    return refuse('conflict', `A payment method that is ${method.status} cannot be the default`, {
      field: 'status',
      from: method.status,
    })
  const before = await defaultOf(context, method.organization_id)
  Object.assign(context.input, { is_default: true, decline_code: null })
  return before === undefined || before.id === method.id ? undefined : undefault(context, before)
}

/** before payment_method.remove: it is charged no more from now on; the provider forgets it by a job. */
export const removeMethod: Behaviour = ({ before, input }) => {
  const { status } = before as unknown as Method
  if (status === 'removed') return refuse('conflict', 'This payment method is removed already')
  Object.assign(input, { status: 'removed', is_default: false, detach_due: true })
  return undefined
}

async function defaultOf({ records }: BehaviourContext, organizationId: string): Promise<Method | undefined> {
  const { items } = await records.list('payment_method', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'is_default', op: 'eq', value: true },
    ],
    limit: 1,
  })
  return items[0]
}

async function undefault({ invoke }: BehaviourContext, { id }: Method) {
  const done = await invoke({ module: 'payment_method', action: 'update', id, input: { is_default: false } })
  return done.ok ? undefined : done
}

const mostInvoices = 100

/** Lets everything that an organization has to pay be collected at once, as if nothing had been tried before. */
export async function collectNow({ records, invoke, now }: BehaviourContext, organizationId: string) {
  const { items } = await records.list('invoice', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'status', op: 'in', value: [...payableStatuses] },
    ],
    limit: mostInvoices,
  })
  const collect_at = new Date(now).toISOString()
  for (const { id } of items) {
    const input = { collect_at, collect_failures: 0 }
    const done = await invoke({ module: 'invoice', action: 'plan_collection', id, input })
    if (!done.ok) return done
  }
  return undefined
}
