import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome } from '#contract/outcome.ts'
import type { Ids } from '#ports/ids.ts'
import type { Invoke } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { type LemonOrder, refundedOf, withTax } from './lemonsqueezy-order.ts'
import { anotherAmount, moreThanLeft } from './payment-refusals.ts'

const provider = 'lemonsqueezy'
const entity = 'refund_step'
const mostTries = 10

/** One refund of an order: from how much was given back before it, to how much after it. */
interface Step {
  readonly id: string
  readonly key: string
  readonly before: number
  readonly amount: number
}

/** What the refunds of Lemon Squeezy are noted with. */
export interface RefundNotes {
  readonly records: Records
  readonly invoke: Invoke
  readonly ids: Ids
}

/** Gives back at Lemon Squeezy what is missing to a sum, taxes included. */
export type GiveBack = (orderId: string, amount: number) => Promise<Outcome<unknown>>

/**
 * Refunds of orders. Lemon Squeezy numbers none and takes no key, so each is noted first as a step from a sum to a sum, and carried out as
 * what is missing to the second one: again after a crash, it gives back what was not given back, and nothing twice.
 */
export function createLemonRefunds({ records, invoke, ids }: RefundNotes, giveBack: GiveBack) {
  const write = (action: 'create' | 'delete', input: Record<string, unknown>, id?: string) =>
    invoke({
      module: 'provider_mapping',
      action,
      input,
      actor: systemActor,
      requestId: ids.next('req'),
      ...(id === undefined ? {} : { id }),
    })

  async function stepsOf(orderId: string): Promise<readonly Step[]> {
    const steps: Step[] = []
    const where = [
      { field: 'provider', op: 'eq', value: provider },
      { field: 'entity_type', op: 'eq', value: entity },
      { field: 'local_id', op: 'like', value: `${orderId} %` },
    ] as const
    for await (const { id, local_id, external_id } of records.each('provider_mapping', where)) {
      const [, amount = '', ...key] = external_id.split(' ')
      steps.push({ id, key: key.join(' '), before: Number(local_id.split(' ')[1]), amount: Number(amount) })
    }
    return steps
  }

  /** The step of a key, noted; two that are noted at once stand one behind the other. */
  async function note(order: LemonOrder, amount: number | undefined, key: string): Promise<Outcome<Step>> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const steps = await stepsOf(order.id)
      const same = steps.find((step) => step.key === key)
      if (same !== undefined)
        return amount === undefined || amount === same.amount ? accept(same) : anotherAmount
      const before = Math.max(refundedOf(order), ...steps.map((step) => step.before + step.amount))
      const left = order.status === 'succeeded' ? order.asked - before : 0
      const given = amount ?? left
      if (given < 1 || given > left) return moreThanLeft(left)
      const local_id = `${order.id} ${before}`
      const external_id = `${order.id} ${given} ${key}`
      const made = await write('create', { provider, entity_type: entity, local_id, external_id })
      if (made.ok) return accept({ id: made.value.row.id, key, before, amount: given })
      if (made.code !== 'conflict') return made
    }
    throw new Fault('service_unavailable', 'too many refunds of one order at once')
  }

  return async (order: LemonOrder, amount: number | undefined, key: string) => {
    const noted = await note(order, amount, key)
    if (!noted.ok) return noted
    const { id, before, amount: given } = noted.value
    const missing = withTax(before + given, order) - order.refundedTotal
    if (missing > 0) {
      const done = await giveBack(order.id, missing)
      if (!done.ok) {
        await write('delete', {}, id)
        return done
      }
    }
    return accept({ refund_id: `${order.id}-${before + given}`, amount: given, status: 'succeeded' })
  }
}
