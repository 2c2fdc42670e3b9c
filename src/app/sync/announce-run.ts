import type { Behaviour } from '#ports/behaviour.ts'

/** after sync_run.create: the event that the capability promises, in the transaction of the run's own record. */
export const announceSyncRun: Behaviour = async ({ id, after, invoke }) => {
  const action = after?.['outcome'] === 'failed' ? 'fail' : 'complete'
  const told = await invoke({ module: 'sync_run', action, id, input: {} })
  return told.ok ? undefined : told
}

/** after reconciliation_run.create: that it is done, and, once for all of them, that there are differences. */
export const announceReconciliation: Behaviour = async ({ id, after, invoke }) => {
  const actions = Number(after?.['differences']) > 0 ? ['find_difference', 'complete'] : ['complete']
  for (const action of actions) {
    const told = await invoke({ module: 'reconciliation_run', action, id, input: {} })
    if (!told.ok) return told
  }
  return undefined
}
