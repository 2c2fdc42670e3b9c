import { refuse } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import type { Behaviour, BehaviourContext } from '#ports/behaviour.ts'
import { handOverExternalId } from './external-id.ts'

/** before dispute.create: what is contested cannot be given back beside; it is known at its provider by an id that is kept elsewhere. */
export const keepDispute: Behaviour = async (context) => {
  const mapped = await handOverExternalId(context, 'dispute')
  return mapped ?? count(context, String(context.input['payment_id']), Number(context.input['amount']))
}

/** before dispute.close: once; what was won can be given back again. */
export const closeDispute: Behaviour = async (context) => {
  const { status, payment_id, amount } = context.before as unknown as Rows['dispute']
  const to = context.input['status']
  if (status !== 'open')
    return refuse('illegal_transition', `A dispute that is ${status} cannot become ${String(to)}`, {
      field: 'status',
      from: status,
    })
  Object.assign(context.input, { closed_at: new Date(context.now).toISOString(), notice_due: true })
  return to === 'won' ? count(context, payment_id, -amount) : undefined
}

async function count({ records, invoke }: BehaviourContext, paymentId: string, amount: number) {
  const payment = await records.get('payment', paymentId)
  if (payment === undefined) return refuse('not_found', 'There is no such payment')
  const input = { refunded: Math.max(0, payment.refunded + amount), seen: payment.refunded }
  const done = await invoke({ module: 'payment', action: 'count_refunds', id: paymentId, input })
  return done.ok ? undefined : done
}
