import { refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import type { Ids } from '#ports/ids.ts'
import { defaultApi } from './own-organization.ts'

/** before organization.create: a slug from the name, made unique, when none is given. */
export const takeSlug =
  (ids: Ids): Behaviour =>
  async ({ input, records }) => {
    if (typeof input['slug'] === 'string') return undefined
    const base =
      String(input['name'])
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 48)
        .replace(/-+$/, '') || 'organization'
    const isTaken = (await records.getBy('organization', 'slug', base)) !== undefined
    input['slug'] = isTaken ? `${base}-${ids.randomHex(4)}` : base
    return undefined
  }

/** after organization.create: subscribes it to the default API under the default plan, when both exist. */
export const subscribeDefault: Behaviour = async ({ after, id, records, invoke }) => {
  if (after?.['is_operator'] === true || (await defaultApi(records)) === undefined) return undefined
  const plans = await records.list('plan', {
    where: [
      { field: 'is_default', op: 'eq', value: true },
      { field: 'enabled', op: 'eq', value: true },
    ],
    limit: 1,
  })
  const plan = plans.items[0]
  if (plan === undefined) return undefined
  const subscribed = await invoke({
    module: 'subscription',
    action: 'create',
    input: { organization_id: id, plan_id: plan.id },
  })
  return subscribed.ok ? undefined : subscribed
}

/** before membership.update and .delete: an organization always has an owner. */
export const keepAnOwner: Behaviour = async ({ action, input, before, records }) => {
  const stays = action !== 'delete' && (input['role'] === undefined || input['role'] === 'owner')
  if (before?.['role'] !== 'owner' || stays) return undefined
  const owners = await records.list('membership', {
    where: [
      { field: 'organization_id', op: 'eq', value: before['organization_id'] },
      { field: 'role', op: 'eq', value: 'owner' },
    ],
    limit: 2,
  })
  if (owners.items.length > 1) return undefined
  return refuse('conflict', 'The last owner of an organization stays its owner', { field: 'role' })
}
