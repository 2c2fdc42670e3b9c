import type { OwnBilling } from '#app/billing/billing-views.ts'
import type { PrepaidCredit } from '#app/billing/prepaid-credit.ts'
import type { EventSets } from '#app/billing/read-event-set.ts'
import type { VerifyInvoice } from '#app/billing/verify-invoice.ts'
import { refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { Ids } from '#ports/ids.ts'
import { asMember, knownBody } from '../account/member-request.ts'
import type { ControlHandler } from '../route-table.ts'
import { daySpan } from './day-span.ts'
import { eventSetAnswer } from './event-set-answer.ts'
import { onceOrigin } from './once-origin.ts'

/** What customers look at and buy needs. */
export interface OwnBillingDependencies {
  readonly ownBilling: OwnBilling
  readonly credit: PrepaidCredit
  readonly eventSets: EventSets
  readonly verifyInvoice: VerifyInvoice
  readonly ids: Ids
}

const dayMs = 86_400_000
const mostDays = 366
const tooLong = refuse('validation_error', `Ask for at most ${mostDays} days`, { field: 'end_date' })

/** Billing as members see it, by their rule. */
export function ownBillingHandlers(deps: OwnBillingDependencies): Readonly<Record<string, ControlHandler>> {
  const { ownBilling, credit } = deps
  return {
    'GET /api/v1/billing/calculate': asMember(async ({ actor }, { requestId }) => {
      const previews = await ownBilling.calculate(actor.organizationId)
      return previews.ok ? dataAnswer(previews.value) : refusalAnswer(previews, requestId)
    }),
    'GET /api/v1/billing/credit': asMember(async ({ actor }) => {
      const standing = await credit.standing(actor.organizationId)
      return dataAnswer(
        standing.map(({ currency, balanceMinor, committedMinor, availableMinor, isPrepaid }) => ({
          currency,
          balance: Number(balanceMinor),
          used: Number(committedMinor),
          available: Number(availableMinor),
          is_prepaid: isPrepaid,
        })),
      )
    }),
    'GET /api/v1/billing/history': asMember(async ({ actor }, { request }) => {
      const cursor = new URL(request.url).searchParams.get('cursor') ?? undefined
      const { cycles, next } = await ownBilling.history(actor.organizationId, cursor)
      return dataAnswer({ billing_cycles: cycles, next_cursor: next ?? null })
    }),
    'GET /api/v1/billing/invoices/:id/events': asMember(({ actor }, { parameters, requestId }) =>
      eventSetAnswer(deps.eventSets, parameters['id'] ?? '', requestId, actor.organizationId),
    ),
    'GET /api/v1/billing/invoices/:id/verify': asMember(async ({ actor }, { parameters, requestId }) => {
      const verified = await deps.verifyInvoice(parameters['id'] ?? '', actor.organizationId)
      return verified.ok ? dataAnswer(verified.value) : refusalAnswer(verified, requestId)
    }),
    'GET /api/v1/billing/usage': asMember(async ({ actor }, { request, requestId }) => {
      const names = { from: 'start_date', to: 'end_date' }
      const span = daySpan(new URL(request.url).searchParams, names)
      if (!span.ok) return refusalAnswer(span, requestId)
      const { fromMs, toMs, from: start, to: end } = span.value
      if (toMs - fromMs > mostDays * dayMs) return refusalAnswer(tooLong, requestId)
      const usage = await ownBilling.usage(actor.organizationId, fromMs, toMs)
      return dataAnswer({ start_date: start, end_date: end, ...usage })
    }),
    'POST /api/v1/billing/credits': asMember(async ({ actor }, asked) => {
      const { request, requestId } = asked
      const body = await knownBody(request, ['amount', 'currency'])
      if (!body.ok) return refusalAnswer(body, requestId)
      const { amount, currency = 'USD' } = body.value
      if (!Number.isSafeInteger(amount) || typeof currency !== 'string')
        return refusalAnswer(
          refuseFields([{ field: 'amount', reason: 'must be a whole number of minor units' }]),
          requestId,
        )
      const origin = onceOrigin(asked, deps)
      if (!origin.ok) return refusalAnswer(origin, requestId)
      const sold = await credit.sell({
        organizationId: actor.organizationId,
        origin: `credit:${actor.organizationId}:${origin.value}`,
        currency,
        amountMinor: BigInt(Number(amount)),
      })
      if (!sold.ok) return refusalAnswer(sold, requestId)
      const { id, number, total } = sold.value.invoice
      return dataAnswer({ invoice_id: id, number, amount: total, currency }, { status: 201 })
    }),
  }
}
