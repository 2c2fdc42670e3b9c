import type { IssueCreditNote } from '#app/billing/credit-note.ts'
import type { EndInvoice } from '#app/billing/end-invoice.ts'
import type { PrepaidCredit } from '#app/billing/prepaid-credit.ts'
import type { EventSets } from '#app/billing/read-event-set.ts'
import type { RunBilling } from '#app/billing/run-billing.ts'
import type { SettleInvoice } from '#app/billing/settle-invoice.ts'
import type { VerifyInvoice } from '#app/billing/verify-invoice.ts'
import { accept, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import type { Clock } from '#ports/clock.ts'
import type { Ids } from '#ports/ids.ts'
import { knownBody } from '../account/member-request.ts'
import type { ControlHandler, ControlRequest } from '../route-table.ts'
import { eventSetAnswer } from './event-set-answer.ts'
import { onceOrigin } from './once-origin.ts'

/** What operators do with money. */
export interface BillingDeskDependencies {
  readonly billing: {
    readonly run: RunBilling
    readonly show: (subscriptionId: string) => Promise<Outcome<unknown>>
    readonly verify: VerifyInvoice
    readonly settle: SettleInvoice
    readonly creditNote: IssueCreditNote
    readonly voidInvoice: EndInvoice
    readonly writeOff: EndInvoice
    readonly credit: PrepaidCredit
    readonly checkLedger: () => Promise<Outcome<unknown>>
  }
  readonly eventSets: EventSets
  /** What a draft of a plan, as YAML or JSON, would have earned with the use that really was. */
  readonly rehearse: (
    draft: string,
    months: { readonly from: string; readonly to: string },
  ) => Promise<Outcome<unknown>>
  readonly clock: Clock
  readonly ids: Ids
}

const mostDraft = 65_536

type Body = Readonly<Record<string, unknown>>

/** Billing as operators see it, by their rule. */
export function billingHandlers(deps: BillingDeskDependencies): Readonly<Record<string, ControlHandler>> {
  const { billing } = deps
  const read =
    (work: (id: string) => Promise<Outcome<unknown>>): ControlHandler =>
    async (asked) =>
      answer(await work(asked.parameters['id'] ?? ''), asked)
  const write =
    (
      fields: readonly string[],
      work: (body: Body, id: string, asked: ControlRequest) => Promise<Outcome<unknown>>,
    ): ControlHandler =>
    async (asked) => {
      const body = await knownBody(asked.request, fields)
      return body.ok
        ? answer(await work(body.value, asked.parameters['id'] ?? '', asked), asked)
        : refusalAnswer(body, asked.requestId)
    }
  return {
    'GET /admin/billing/invoices/:id/events': ({ parameters, requestId }) =>
      eventSetAnswer(deps.eventSets, parameters['id'] ?? '', requestId),
    'GET /admin/billing/invoices/:id/verify': read((id) => billing.verify(id)),
    'GET /admin/billing/ledger': read(billing.checkLedger),
    'GET /admin/billing/subscriptions/:id/preview': read(billing.show),
    'POST /admin/billing/credits': write(
      ['organization_id', 'amount', 'currency', 'priority', 'expires_at', 'note'],
      async (body, _id, asked) => {
        const origin = onceOrigin(asked, deps)
        return origin.ok ? giveCredit(deps, body, origin.value) : origin
      },
    ),
    'POST /admin/billing/invoices/:id/credit-note': write(['amount', 'reason'], async (body, id, asked) => {
      const amount = wholeOf(body, 'amount')
      if (!amount.ok) return amount
      const origin = onceOrigin(asked, deps)
      if (!origin.ok) return origin
      const { reason } = body
      if (typeof reason !== 'string' || reason === '' || reason.length > 500)
        return refuseFields([{ field: 'reason', reason: 'must be a text of at most 500 characters' }])
      return billing.creditNote({
        invoiceId: id,
        origin: `request:${origin.value}`,
        amountMinor: amount.value,
        reason,
      })
    }),
    'POST /admin/billing/invoices/:id/settle': write(
      ['payment_id', 'amount', 'currency'],
      async (body, id) => {
        const amount = wholeOf(body, 'amount')
        if (!amount.ok) return amount
        const { payment_id: paymentId, currency } = body
        if (typeof paymentId !== 'string' || paymentId === '' || paymentId.length > 100)
          return refuseFields([
            { field: 'payment_id', reason: 'must name the payment, such as a bank reference' },
          ])
        const payment = {
          id: paymentId,
          provider: 'manual',
          amountMinor: amount.value,
          currency: String(currency),
          paidAtMs: deps.clock.now(),
        }
        const settled = await billing.settle(id, payment)
        return settled.ok ? accept(settled.value.invoice) : settled
      },
    ),
    'POST /admin/billing/invoices/:id/void': write([], (_body, id) => billing.voidInvoice(id)),
    'POST /admin/billing/invoices/:id/write-off': write([], (_body, id) => billing.writeOff(id)),
    'POST /admin/billing/rehearse': write(['draft', 'from', 'to'], async ({ draft, from, to = from }) => {
      for (const [field, value] of Object.entries({ draft, from, to }))
        if (typeof value !== 'string' || value.length > mostDraft)
          return refuseFields([{ field, reason: `must be a text of at most ${mostDraft} characters` }])
      return deps.rehearse(String(draft), { from: String(from), to: String(to) })
    }),
    'POST /admin/billing/run': write([], async () => {
      const run = await billing.run()
      return run === 'busy'
        ? refuse('conflict', 'The biller runs already, here or on another node')
        : accept(run)
    }),
  }
}

const answer = (outcome: Outcome<unknown>, { requestId }: ControlRequest): Response =>
  outcome.ok ? dataAnswer(outcome.value) : refusalAnswer(outcome, requestId)

function wholeOf(body: Body, field: string): Outcome<bigint> {
  const value = body[field]
  return Number.isSafeInteger(value) && Number(value) > 0
    ? accept(BigInt(Number(value)))
    : refuseFields([{ field, reason: 'must be a whole number of minor units above 0' }])
}

async function giveCredit(
  { billing, clock }: BillingDeskDependencies,
  body: Body,
  origin: string,
): Promise<Outcome<unknown>> {
  const amount = wholeOf(body, 'amount')
  if (!amount.ok) return amount
  const {
    organization_id: organizationId,
    currency = 'USD',
    priority = 100,
    expires_at: expiresAt,
    note = '',
  } = body
  const expiresAtMs = expiresAt === undefined ? undefined : Date.parse(String(expiresAt))
  if (Number.isNaN(expiresAtMs))
    return refuseFields([{ field: 'expires_at', reason: 'must be a time (ISO 8601, UTC)' }])
  if (expiresAtMs !== undefined && expiresAtMs <= clock.now())
    return refuseFields([{ field: 'expires_at', reason: 'must be in the future' }])
  return billing.credit.give({
    organizationId: String(organizationId),
    origin: `request:${origin}`,
    currency: String(currency),
    amountMinor: amount.value,
    priority: Number(priority),
    note: String(note),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  })
}
