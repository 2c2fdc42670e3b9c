import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { KeyKeeper } from './keys.ts'
import type { ReadSpending, Spending } from './spending.ts'

/** What a member's organization spends, and may spend. */
export interface OwnSpending {
  show(keeper: KeyKeeper): Promise<Outcome<Spending>>
  /** Sets the cap, minor units; null takes it away. */
  cap(keeper: KeyKeeper, cap: number | null): Promise<Outcome<Spending>>
}

/** Spending over the organization's own record, under the rights of its module. */
export function createOwnSpending(deps: {
  readonly invoke: Invoke
  readonly readSpending: ReadSpending
}): OwnSpending {
  const show: OwnSpending['show'] = async ({ actor }) => {
    const spending = await deps.readSpending(actor.organizationId)
    return spending === undefined ? refuse('not_found', 'No such organization') : accept(spending)
  }
  return {
    show,
    async cap(keeper, cap) {
      const capped = await deps.invoke({
        ...keeper,
        module: 'organization',
        action: 'cap_spending',
        id: keeper.actor.organizationId,
        input: { cap: cap ?? -1 },
      })
      return capped.ok ? show(keeper) : capped
    },
  }
}
