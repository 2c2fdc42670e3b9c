import type { Adjustment, Transaction } from '@paddle/paddle-node-sdk'
import { accept, refuse } from '#contract/outcome.ts'
import type { ProviderActions } from '#ports/capability/provider.ts'
import type { Clock } from '#ports/clock.ts'
import type { OneAtATime } from './one-at-a-time.ts'
import type { PaddleApi } from './paddle-client.ts'
import { anotherAmount, moreThanLeft } from './payment-refusals.ts'

/** What changes a transaction of Paddle after it was paid: refunds that we ask for, and chargebacks that banks make. */
export interface PaddleAdjustments {
  readonly actions: ProviderActions<'payment'>
  /** What has gone back of a transaction as refunds, without its taxes. */
  refundedOf(transactionId: string): Promise<number>
}

const failedAttempts = new Set(['error', 'canceled', 'dropped'])

/** How a transaction stands. */
export function statusOf({ status, payments }: Transaction): 'processing' | 'succeeded' | 'failed' {
  if (status === 'paid' || status === 'completed') return 'succeeded'
  const [last] = payments.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
  return status === 'canceled' || failedAttempts.has(last?.status ?? '') ? 'failed' : 'processing'
}

/** What was asked for: Paddle puts taxes on top, takes them and pays them. */
export function amountOf({ details }: Transaction): number {
  return Number(details?.totals?.total ?? 0) - Number(details?.totals?.tax ?? 0)
}

/** Adjustments whose money is with the bank, by what they are called when they end well. */
const contested: ReadonlySet<string> = new Set(['chargeback', 'chargeback_warning'])
const reversal = '_reverse'
/** Banks decide within four months; Paddle tells of the disputes that it wins, and of no other. */
const mostOpenMs = 120 * 86_400_000

/** How long Paddle may think about a refund. */
const approvalMs = 14 * 86_400_000
const mostLookedThrough = 20_000

const withoutTax = ({ totals }: Adjustment): number => Number(totals.subtotal)

const refundOf = (one: Adjustment) => ({
  refund_id: one.id,
  amount: withoutTax(one),
  status: one.status,
})

const unknown = refuse('not_found', 'Paddle knows nothing of it')

/** Refunds and disputes; a refund is made once for its key. */
export function paddleAdjustments(
  paddle: PaddleApi,
  oneAtATime: OneAtATime,
  clock: Clock,
): PaddleAdjustments {
  async function all(wish: Parameters<PaddleApi['adjustments']['list']>[0]): Promise<readonly Adjustment[]> {
    const found: Adjustment[] = []
    for await (const one of paddle.adjustments.list({ ...wish, perPage: 50 })) found.push(one)
    return found
  }
  const refundsOf = (transactionId: string) => all({ transactionId: [transactionId], action: 'refund' })

  const sumOf = (refunds: readonly Adjustment[], ...statuses: readonly Adjustment['status'][]): number =>
    refunds.filter(({ status }) => statuses.includes(status)).reduce((sum, one) => sum + withoutTax(one), 0)

  async function refund(transactionId: string, amount: number | undefined, key: string) {
    const found = await paddle.transactions.get(transactionId)
    const before = await refundsOf(transactionId)
    const reason = `Refund ${key}`
    const same = before.find((one) => one.reason === reason)
    if (same !== undefined)
      return amount === undefined || amount === withoutTax(same) ? accept(refundOf(same)) : anotherAmount
    const left =
      statusOf(found) === 'succeeded' ? amountOf(found) - sumOf(before, 'approved', 'pending_approval') : 0
    const given = amount ?? left
    if (given < 1 || given > left) return moreThanLeft(left)
    const common = { action: 'refund', reason, transactionId } as const
    const isAll = given === amountOf(found)
    const itemId = found.details?.lineItems[0]?.id ?? ''
    const items = [{ itemId, type: 'partial', amount: String(given) } as const]
    const made = await paddle.adjustments.create(
      isAll ? { ...common, type: 'full' } : { ...common, type: 'partial', items, taxMode: 'external' },
    )
    return accept({ ...refundOf(made), amount: given })
  }

  /** Those that were made, or decided, in a time. Paddle lists none by time: the newest come first. */
  async function changedIn(
    { from, to }: { readonly from: string; readonly to: string },
    isWanted: (one: Adjustment) => boolean,
  ): Promise<readonly Adjustment[]> {
    const [start, end] = [Date.parse(from), Date.parse(to)]
    const isIn = (time: string | null): boolean =>
      time !== null && Date.parse(time) >= start && Date.parse(time) < end
    const found: Adjustment[] = []
    let looked = 0
    for await (const one of paddle.adjustments.list({ orderBy: 'id[DESC]', perPage: 50 })) {
      looked += 1
      if (Date.parse(one.createdAt) < start - approvalMs || looked > mostLookedThrough) break
      if (isWanted(one) && (isIn(one.createdAt) || isIn(one.updatedAt))) found.push(one)
    }
    return found
  }

  /** The chargeback that an adjustment is, or that it takes back. */
  async function chargebackOf(id: string): Promise<Adjustment | undefined> {
    const [found] = await all({ id: [id] })
    if (found === undefined || contested.has(found.action)) return found
    if (!found.action.endsWith(reversal)) return undefined
    const action = found.action.slice(0, -reversal.length)
    const ofPayment = await all({ transactionId: [found.transactionId] })
    const before = ofPayment.filter((one) => one.action === action && one.createdAt <= found.createdAt)
    return before.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0]
  }

  return {
    refundedOf: async (transactionId) => sumOf(await refundsOf(transactionId), 'approved'),
    actions: {
      get_refund: ({ payment_id: id, refund_id: refundId }) =>
        paddle.do(async () => {
          const found = (await refundsOf(id)).find((one) => one.id === refundId)
          return found === undefined ? unknown : accept(refundOf(found))
        }),
      refund_payment: ({ payment_id: id, amount, idempotency_key: key }) =>
        paddle.do(() => oneAtATime(`refund ${id}`, () => refund(id, amount ?? undefined, key))),
      list_refunds: (window) =>
        paddle.do(async () => {
          const found = await changedIn(window, ({ action }) => action === 'refund')
          return accept({
            refunds: found.map((one) => ({ refund_id: one.id, payment_id: one.transactionId })),
          })
        }),
      list_disputes: (window) =>
        paddle.do(async () => {
          const found = await changedIn(window, ({ action }) => contested.has(action))
          return accept({ disputes: found.map(({ id }) => ({ dispute_id: id })) })
        }),
      get_dispute: ({ dispute_id: id }) =>
        paddle.do(async () => {
          const found = await chargebackOf(id)
          if (found === undefined || !contested.has(found.action)) return unknown
          const isOld = clock.now() - Date.parse(found.createdAt) > mostOpenMs
          return accept({
            dispute_id: found.id,
            payment_id: found.transactionId,
            amount: withoutTax(found),
            currency: found.currencyCode.toLowerCase(),
            status: found.status === 'reversed' ? 'won' : isOld ? 'lost' : 'open',
            reason: found.reason,
          })
        }),
    },
  }
}
