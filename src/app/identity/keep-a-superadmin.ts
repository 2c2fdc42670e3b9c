import { type Refusal, refuse } from '#contract/outcome.ts'
import type { BehaviourContext } from '#ports/behaviour.ts'

/** Refuses what would leave the instance without an active superadmin: deleting, suspending or demoting the last one. */
export async function keepASuperadmin(context: BehaviourContext): Promise<Refusal | undefined> {
  const { before, input, action } = context
  if (before === undefined || before['role'] !== 'superadmin' || before['status'] !== 'active')
    return undefined
  const role = input['role'] ?? 'superadmin'
  const status = input['status'] ?? 'active'
  const stays = action !== 'delete' && role === 'superadmin' && status === 'active'
  if (stays) return undefined
  const others = await context.records.list('operator', {
    where: [
      { field: 'role', op: 'eq', value: 'superadmin' },
      { field: 'status', op: 'eq', value: 'active' },
      { field: 'id', op: 'ne', value: before.id },
    ],
    limit: 1,
  })
  return others.items.length > 0
    ? undefined
    : refuse('conflict', 'The last active superadmin cannot be deleted, suspended or demoted')
}
