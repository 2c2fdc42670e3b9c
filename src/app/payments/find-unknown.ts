import type { Rows } from '#contract/rows.gen.ts'
import { formatMoney } from '#domain/money.ts'
import { ownCall } from '../billing/dependencies.ts'
import { localIdOf, type PaymentDependencies } from './dependencies.ts'
import type { FollowPayment } from './follow-payment.ts'
import { offeredProviders } from './offered-provider.ts'

/** Asked for a part at a time: what a provider lists at once is bounded. */
const windowMs = 12 * 3_600_000
const windows = 4
/** What is younger is still on its way to us. */
const usualMs = 10 * 60_000

/** What a look at the lists of the providers has found. */
export interface UnknownFound {
  /** Payments of ours that no message had told of. */
  readonly found: number
  /** Money that is none of ours, listed now. */
  readonly unknown: number
  readonly failed: number
}

/** Compares what the providers have taken in the last days with what we know of. */
export type FindUnknown = () => Promise<UnknownFound>

interface Listed {
  readonly paymentId: string
  readonly amount: number
  readonly currency: string
  readonly reference: string | undefined
  readonly at: string | undefined
}

/** By the list that a provider offers; those without one are passed over. */
export function createFindUnknown(deps: PaymentDependencies, follow: FollowPayment): FindUnknown {
  const { records, capabilities, clock, log } = deps

  async function takenBy(provider: string): Promise<readonly Listed[] | undefined> {
    const service = capabilities.capability('payment', { provider })
    const end = clock.now() - usualMs
    const taken: Listed[] = []
    for (let number = windows; number > 0; number -= 1) {
      const from = new Date(end - number * windowMs).toISOString()
      const to = new Date(end - (number - 1) * windowMs).toISOString()
      const listed = await service.list_payments({ from, to })
      if (!listed.ok && listed.details?.['reason'] === 'not_offered') return []
      if (!listed.ok) {
        log.warn({ provider, reason: listed.message }, 'a provider could not list payments; tried again')
        return undefined
      }
      taken.push(...readList(listed.value.payments))
    }
    return taken
  }

  /** The money is ours when its reference is; who follows it compares the rest. */
  async function isFollowed(provider: string, one: Listed): Promise<boolean> {
    const payment = one.reference === undefined ? undefined : await records.get('payment', one.reference)
    if (payment?.provider !== provider) return false
    const followed = await follow(provider, { paymentId: one.paymentId })
    return followed.ok && followed.value !== 'unknown'
  }

  async function list(provider: string, one: Listed): Promise<Rows['unknown_payment'] | undefined> {
    const input = {
      provider,
      external_id: one.paymentId,
      amount: one.amount,
      currency: one.currency.toUpperCase(),
      ...(one.reference === undefined ? {} : { reference: one.reference.slice(0, 200) }),
      ...(one.at === undefined ? {} : { paid_at: one.at }),
    }
    const made = await deps.invoke(ownCall({ module: 'unknown_payment', action: 'create', input }))
    if (!made.ok && made.code !== 'conflict')
      log.warn(
        { provider, payment: one.paymentId, reason: made.message },
        'unknown money could not be listed',
      )
    return made.ok ? (made.value.row as unknown as Rows['unknown_payment']) : undefined
  }

  async function lookAt(provider: string): Promise<UnknownFound> {
    const taken = await takenBy(provider)
    if (taken === undefined) return { found: 0, unknown: 0, failed: 1 }
    const fresh: Rows['unknown_payment'][] = []
    let found = 0
    for (const one of taken) {
      if ((await localIdOf(records, provider, 'payment', one.paymentId)) !== undefined) continue
      if (await isFollowed(provider, one)) {
        found += 1
        continue
      }
      const row = await list(provider, one)
      if (row !== undefined) fresh.push(row)
    }
    if (fresh.length > 0) await tellOperators(deps, provider, fresh)
    return { found, unknown: fresh.length, failed: 0 }
  }

  return async () => {
    const sum = { found: 0, unknown: 0, failed: 0 }
    const setting = await records.getBy('setting', 'key', 'payment.report_unknown')
    if (setting?.value === 'false') return sum
    for (const { provider } of await offeredProviders(deps)) {
      const { found, unknown, failed } = await lookAt(provider)
      sum.found += found
      sum.unknown += unknown
      sum.failed += failed
    }
    return sum
  }
}

/** What has really been paid; an entry that is none is none of ours. */
function readList(payments: unknown): readonly Listed[] {
  if (!Array.isArray(payments)) return []
  return payments.flatMap((one: unknown): Listed[] => {
    const { payment_id, amount, currency, status, reference, at } = (one ?? {}) as Record<string, unknown>
    if (status !== 'succeeded' || typeof payment_id !== 'string' || !Number.isSafeInteger(amount)) return []
    return [
      {
        paymentId: payment_id,
        amount: Number(amount),
        currency: String(currency),
        reference: typeof reference === 'string' && reference !== '' ? reference : undefined,
        at:
          typeof at === 'string' && Number.isFinite(Date.parse(at)) ? new Date(at).toISOString() : undefined,
      },
    ]
  })
}

async function tellOperators(
  { tell, log }: PaymentDependencies,
  provider: string,
  fresh: readonly Rows['unknown_payment'][],
): Promise<void> {
  const [first] = fresh
  if (first === undefined) return
  const { id, amount, currency, external_id } = first
  const facts = { provider, count: fresh.length, first: id }
  const example = `${formatMoney({ amountMinor: BigInt(amount), currency })} (${external_id})`
  log.error(facts, 'a provider has taken money that we do not know')
  await tell({
    event: 'payment.unknown',
    severity: 'error',
    title: `${provider} has taken money that we do not know`,
    text: `${fresh.length} payments, such as ${example}. See them with: apigate unknown-payments list`,
    data: facts,
    key: `unknown ${id}`,
  })
}
