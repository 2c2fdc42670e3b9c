import { refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'

/** before plan.create and .update: a new default plan takes the place of the old one. */
export const keepOneDefault: Behaviour = async ({ input, id, records, invoke }) => {
  if (input['is_default'] !== true) return undefined
  const defaults = await records.list('plan', { where: [{ field: 'is_default', op: 'eq', value: true }] })
  for (const plan of defaults.items) {
    if (plan.id === id) continue
    const stepped = await invoke({
      module: 'plan',
      action: 'update',
      id: plan.id,
      input: { is_default: false },
    })
    if (!stepped.ok) return stepped
  }
  return undefined
}

/** before api.delete: the operator's own API stays. */
export const keepDefaultApi: Behaviour = ({ before }) =>
  before?.['is_default'] === true ? refuse('conflict', 'The default API cannot be deleted') : undefined
