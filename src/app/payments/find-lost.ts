import type { Outcome } from '#contract/outcome.ts'
import type { PaymentLooks } from '#ports/payment-looks.ts'
import { localIdOf, type PaymentDependencies } from './dependencies.ts'
import type { FollowDispute } from './follow-dispute.ts'
import type { FollowPayment } from './follow-payment.ts'

/** What was given back or contested at a provider without a message that reached us. */
export interface LostFound {
  readonly found: number
  readonly failed: number
}

/** Looks through the refunds and disputes of the providers since the last look. */
export type FindLost = () => Promise<LostFound>

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Asked for a part at a time: what a provider lists at once is bounded. */
const windowMs = 2 * dayMs
/** A list may be late, and a refund may wait there for a while. */
const overlapMs = dayMs
const firstLookMs = 14 * dayMs
const mostWindows = 200

/** By the lists that a provider offers; whoever follows what is on them does so once. */
export function createFindLost(
  deps: PaymentDependencies,
  looks: PaymentLooks,
  follow: FollowPayment,
  followDispute: FollowDispute,
): FindLost {
  const { records, capabilities, clock, log } = deps

  /** Payments of ours alone: what else an account takes is nobody's here. */
  async function followRefunds(provider: string, refunds: unknown): Promise<LostFound> {
    const payments = new Set(texts(refunds, 'payment_id'))
    return each([...payments], async (paymentId) => {
      if ((await localIdOf(records, provider, 'payment', paymentId)) === undefined) return undefined
      return follow(provider, { paymentId })
    })
  }

  const followDisputes = (provider: string, disputes: unknown): Promise<LostFound> =>
    each(texts(disputes, 'dispute_id'), (disputeId) => followDispute(provider, disputeId))

  async function each(
    ids: readonly string[],
    look: (id: string) => Promise<Outcome<string> | undefined>,
  ): Promise<LostFound> {
    const sum = { found: 0, failed: 0 }
    for (const id of ids) {
      const done = await look(id)
      if (done?.ok === true && done.value !== 'unchanged' && done.value !== 'unknown') sum.found += 1
      if (done?.ok === false) {
        sum.failed += 1
        log.warn({ id, reason: done.message }, 'what a provider lists could not be followed; tried again')
      }
    }
    return sum
  }

  /** One list, until now or as far as it could be read; the next look begins where this one was complete. */
  async function lookThrough(
    provider: string,
    list: 'refunds' | 'disputes',
    read: (window: { readonly from: string; readonly to: string }) => Promise<Outcome<unknown>>,
    followAll: (provider: string, listed: unknown) => Promise<LostFound>,
  ): Promise<LostFound> {
    const sum = { found: 0, failed: 0 }
    const name = `${provider} ${list}`
    const end = clock.now()
    const before = await looks.until(name)
    let from = before === undefined ? end - firstLookMs : before - overlapMs
    for (let windows = 0; from < end && windows < mostWindows; windows += 1) {
      const to = Math.min(end, from + windowMs)
      const listed = await read({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })
      if (!listed.ok && listed.details?.['reason'] === 'not_offered') return sum
      if (!listed.ok) {
        log.warn(
          { provider, list, reason: listed.message },
          'a provider could not be looked through; tried again',
        )
        return { ...sum, failed: sum.failed + 1 }
      }
      const { found, failed } = await followAll(provider, listed.value)
      sum.found += found
      sum.failed += failed
      if (failed > 0) return sum
      await looks.note(name, to)
      from = to
    }
    return sum
  }

  return async () => {
    const sum = { found: 0, failed: 0 }
    const count = ({ found, failed }: LostFound): void => {
      sum.found += found
      sum.failed += failed
    }
    for (const provider of await paidThrough(deps)) {
      const service = capabilities.capability('payment', { provider })
      const refunds = async (window: { from: string; to: string }): Promise<Outcome<unknown>> => {
        const listed = await service.list_refunds(window)
        return listed.ok ? { ok: true, value: listed.value.refunds } : listed
      }
      const disputes = async (window: { from: string; to: string }): Promise<Outcome<unknown>> => {
        const listed = await service.list_disputes(window)
        return listed.ok ? { ok: true, value: listed.value.disputes } : listed
      }
      count(await lookThrough(provider, 'refunds', refunds, followRefunds))
      count(await lookThrough(provider, 'disputes', disputes, followDisputes))
    }
    return sum
  }
}

/** Every provider that is set up: what it has taken may go back there also when customers are not led to it any more. */
async function paidThrough({ catalogue }: PaymentDependencies): Promise<readonly string[]> {
  const all = await catalogue.list()
  return all.flatMap(({ capability, provider, is_configured, is_enabled }) =>
    capability === 'payment' && is_configured && is_enabled ? [provider] : [],
  )
}

/** The texts of a field in a list; an entry that has none is none of ours. */
function texts(list: unknown, field: string): readonly string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((one: unknown) => {
    const value = (one as Record<string, unknown> | null)?.[field]
    return typeof value === 'string' && value !== '' ? [value] : []
  })
}
