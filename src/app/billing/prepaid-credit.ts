import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { lineOf } from '#domain/billing/invoice-line.ts'
import { payableStatuses } from '#domain/billing/invoice-status.ts'
import { isCurrency } from '#domain/currencies.ts'
import { creditExpiredEntry, creditGivenEntry } from '#domain/ledger/payment-entries.ts'
import { type BillingDependencies, minorNumber, ownCall, timeText } from './dependencies.ts'
import type { IssuedInvoice, IssueInvoice } from './issue-invoice.ts'
import type { ReadStandingCredit, StandingCredit } from './standing-credit.ts'

/** Credit that a customer is given without paying. */
export interface CreditGift {
  readonly organizationId: string
  /** The same origin is the same gift. */
  readonly origin: string
  readonly currency: string
  readonly amountMinor: bigint
  readonly priority?: number
  readonly expiresAtMs?: number
  readonly note?: string
}

/** Prepaid credit: what is given, what is sold, what is gone when its time is over. */
export interface PrepaidCredit {
  give(gift: CreditGift): Promise<Outcome<Rows['credit_grant']>>
  /** Issues the invoice that sells credit; the credit is there once it is settled. */
  sell(order: Omit<CreditGift, 'priority' | 'expiresAtMs' | 'note'>): Promise<Outcome<IssuedInvoice>>
  /** What no invoice of a customer has drawn yet. */
  left(organizationId: string, currency: string): Promise<bigint>
  /** What a customer has in each currency. */
  readonly standing: ReadStandingCredit
  /** Takes back what is past its time; answers how many grants. */
  expire(): Promise<number>
  /**
   * Issues the invoices of customers who want to be topped up and have too little; one at a time for each. Under a prepaid plan what was used
   * and is not invoiced yet is no longer there.
   */
  topUp(): Promise<readonly Rows['invoice'][]>
}

/** Joins the records of credit with the ledger. */
export function createPrepaidCredit(
  deps: BillingDependencies,
  issue: IssueInvoice,
  standing: ReadStandingCredit,
): PrepaidCredit {
  const { records, ledger, clock } = deps

  const standingIn = async (organizationId: string, currency: string): Promise<StandingCredit | undefined> =>
    (await standing(organizationId)).find((one) => one.currency === currency)

  async function available(organizationId: string, currency: string): Promise<bigint> {
    return (await standingIn(organizationId, currency))?.availableMinor ?? 0n
  }

  const sell: PrepaidCredit['sell'] = async ({ organizationId, origin, currency, amountMinor }) => {
    const problem = problemOf({ currency, amountMinor })
    if (problem !== undefined) return refuseFields([problem])
    const isKnown = (await records.getBy('invoice', 'origin', origin)) !== undefined
    if (!isKnown && (await unpaidOrders(records, organizationId)) >= mostUnpaid)
      return refuse('conflict', 'Credit that was ordered before is not paid: pay it first', {
        reason: 'unpaid_orders',
      })
    const line = lineOf(currency, { kind: 'credit', description: 'Prepaid credit', amountMinor })
    const sold = await issue({ organizationId, kind: 'credit', origin, currency, lines: [line] })
    if (!sold.ok || sold.value.isNew) return sold
    const { subtotal, currency: soldIn } = sold.value.invoice
    return BigInt(subtotal) === amountMinor && soldIn === currency ? sold : usedBefore
  }

  return {
    standing,
    left: async (organizationId, currency) =>
      (await standingIn(organizationId, currency))?.balanceMinor ?? 0n,
    sell,
    async give(gift) {
      const { organizationId, origin, currency, amountMinor, priority, expiresAtMs, note } = gift
      const problem = problemOf(gift)
      if (problem !== undefined) return refuseFields([problem])
      const known = await records.getBy('credit_grant', 'origin', origin)
      if (known !== undefined) return sameGift(known, gift)
      const create = ownCall({
        module: 'credit_grant',
        action: 'create',
        input: {
          organization_id: organizationId,
          kind: 'given',
          origin,
          currency,
          amount: minorNumber(amountMinor),
          ...(priority === undefined ? {} : { priority }),
          ...(expiresAtMs === undefined ? {} : { expires_at: timeText(expiresAtMs) }),
          ...(note === undefined ? {} : { note }),
        },
        async beforeCommit(transaction, { row }) {
          const entry = creditGivenEntry({ id: row.id, organizationId, currency, amountMinor })
          await ledger.post(transaction, entry, clock.now())
        },
      })
      const done = await deps.invokeAll([create])
      const stored = await records.getBy('credit_grant', 'origin', origin)
      if (stored !== undefined) return sameGift(stored, gift)
      return done.ok ? refuseFields([{ field: 'origin', reason: 'is gone' }]) : done
    },
    async expire() {
      let expired = 0
      const where = [
        { field: 'expires_at', op: 'lte', value: timeText(clock.now()) },
        { field: 'status', op: 'eq', value: 'active' },
      ] as const
      for await (const grant of records.each('credit_grant', where))
        if ((await deps.invokeAll([expiry(deps, grant)])).ok) expired += 1
      return expired
    },
    async topUp() {
      const issued: Rows['invoice'][] = []
      const where = [{ field: 'top_up_below', op: 'gt', value: 0 }] as const
      for await (const profile of records.each('billing_profile', where)) {
        const { organization_id, top_up_amount, top_up_below, top_up_currency } = profile
        if (
          top_up_amount === 0 ||
          (await available(organization_id, top_up_currency)) >= BigInt(top_up_below)
        )
          continue
        const origin = await nextTopUp(deps, organization_id)
        if (origin === undefined) continue
        const sold = await sell({
          organizationId: organization_id,
          origin,
          currency: top_up_currency,
          amountMinor: BigInt(top_up_amount),
        })
        if (sold.ok && sold.value.isNew) issued.push(sold.value.invoice)
      }
      return issued
    },
  }
}

/** Anybody can order credit: sums of what nobody will pay must not grow past what a ledger can be read with. */
const mostMinor = 100_000_000_000n
const mostUnpaid = 10

const usedBefore = refuse('idempotency_mismatch', 'This key was used for other credit')

function sameGift(known: Rows['credit_grant'], gift: CreditGift): Outcome<Rows['credit_grant']> {
  const isSame =
    known.organization_id === gift.organizationId &&
    known.currency === gift.currency &&
    BigInt(known.amount) === gift.amountMinor
  return isSame ? accept(known) : usedBefore
}

function problemOf({ currency, amountMinor }: Pick<CreditGift, 'currency' | 'amountMinor'>) {
  if (!isCurrency(currency))
    return { field: 'currency', reason: 'must be a currency of ISO 4217, such as USD' }
  if (amountMinor <= 0n) return { field: 'amount', reason: 'must be more than 0' }
  if (amountMinor > mostMinor) return { field: 'amount', reason: `must be at most ${mostMinor}` }
  return undefined
}

async function unpaidOrders(
  { list }: BillingDependencies['records'],
  organizationId: string,
): Promise<number> {
  const { items } = await list('invoice', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'kind', op: 'eq', value: 'credit' },
      { field: 'status', op: 'in', value: [...payableStatuses] },
    ],
    limit: mostUnpaid,
  })
  return items.length
}

/** The origin of the next top-up of a customer; undefined while the last one is not paid or has lapsed, so that nobody is asked again and again. */
async function nextTopUp(
  { records }: BillingDependencies,
  organizationId: string,
): Promise<string | undefined> {
  const { items, total } = await records.list('invoice', {
    where: [
      { field: 'organization_id', op: 'eq', value: organizationId },
      { field: 'kind', op: 'eq', value: 'credit' },
    ],
    sort: { field: 'sequence', descending: true },
    limit: 1,
    count: true,
  })
  const [last] = items
  const isUnpaid = last !== undefined && payableStatuses.includes(last.status)
  const isLapsed = last?.status === 'void' && last.origin.startsWith('top_up:')
  if (isUnpaid || isLapsed) return undefined
  return `top_up:${organizationId}:${(total ?? 0) + 1}`
}

function expiry({ ledger, clock }: BillingDependencies, grant: Rows['credit_grant']) {
  return ownCall({
    module: 'credit_grant',
    action: 'expire',
    id: grant.id,
    input: { seen: grant.remaining },
    async beforeCommit(transaction) {
      const entry = creditExpiredEntry({
        id: grant.id,
        organizationId: grant.organization_id,
        currency: grant.currency,
        remainingMinor: BigInt(grant.remaining ?? 0),
        wasPaid: grant.kind !== 'given',
      })
      await ledger.post(transaction, entry, clock.now())
    },
  })
}
