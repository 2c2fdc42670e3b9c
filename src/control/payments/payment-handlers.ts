import type { InitiatePayment } from '#app/payments/initiate-payment.ts'
import type { OfferedProvider } from '#app/payments/offered-provider.ts'
import type { ReceiveEvent } from '#app/payments/receive-event.ts'
import { accept, type FieldProblem, type Outcome, refuse, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { readBytes } from '#core/channel/http/read-text.ts'
import { asMember, knownBody } from '../account/member-request.ts'
import type { ControlHandler } from '../route-table.ts'

/** What paying needs. */
export interface PaymentHandlerDependencies {
  readonly payments: {
    readonly receive: ReceiveEvent
    readonly initiate: InitiatePayment
    readonly offered: () => Promise<readonly OfferedProvider[]>
  }
}

const mostBytes = 1024 * 1024

/** The inbox of payment providers and the way to pay an invoice, by rule. */
export function paymentHandlers({
  payments,
}: PaymentHandlerDependencies): Readonly<Record<string, ControlHandler>> {
  const receive: ControlHandler = async ({ request, parameters, requestId }) => {
    const bytes = await readBytes(request, mostBytes)
    const raw = bytes.ok ? exactText(bytes.value) : bytes
    if (!raw.ok) return refusalAnswer(raw, requestId)
    const provider = parameters['provider'] ?? ''
    const headers = Object.fromEntries(request.headers)
    const received = await payments.receive({ provider, raw: raw.value, headers })
    return received.ok ? dataAnswer({ received: true }) : refusalAnswer(received, requestId)
  }
  return {
    'POST /webhooks/:provider': receive,
    'POST /api/v1/webhooks/:provider': receive,
    'GET /api/v1/billing/payment-providers': asMember(async () => {
      const offered = await payments.offered()
      return dataAnswer({
        providers: offered.map(({ provider, isDefault }) => ({ provider, is_default: isDefault })),
      })
    }),
    'POST /api/v1/billing/initiate-payment': asMember(async ({ actor, requestId }, { request }) => {
      const body = await knownBody(request, ['invoice_id', 'billing_cycle_id', 'provider'])
      const wish = body.ok ? wishOf(body.value) : body
      if (!wish.ok) return refusalAnswer(wish, requestId)
      const offered = await payments.initiate({ organizationId: actor.organizationId, ...wish.value })
      if (!offered.ok) return refusalAnswer(offered, requestId)
      const { payment, url } = offered.value
      return dataAnswer({
        payment_id: payment.id,
        invoice_id: payment.invoice_id,
        billing_cycle_id: payment.invoice_id,
        provider: payment.provider,
        amount: payment.amount,
        currency: payment.currency,
        checkout_url: url,
      })
    }),
  }
}

/** The text of which the signature was made: not a byte is changed, so that one at its beginning counts, too. */
function exactText(bytes: Uint8Array): Outcome<string> {
  try {
    return accept(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return refuse('invalid_request', 'The body is not valid UTF-8')
  }
}

function wishOf(
  body: Readonly<Record<string, unknown>>,
): Outcome<{ readonly invoiceId: string; readonly provider?: string }> {
  const { invoice_id: invoice, billing_cycle_id: cycle, provider } = body
  const problems: FieldProblem[] = []
  const invoiceId = invoice ?? cycle
  if (invoice !== undefined && cycle !== undefined && invoice !== cycle)
    problems.push({ field: 'billing_cycle_id', reason: 'is another invoice than invoice_id' })
  if (typeof invoiceId !== 'string' || invoiceId === '' || invoiceId.length > 100)
    problems.push({ field: 'invoice_id', reason: 'must be the id of an invoice' })
  if (provider !== undefined && typeof provider !== 'string')
    problems.push({ field: 'provider', reason: 'must be a string' })
  if (problems.length > 0) return refuseFields(problems)
  return accept({
    invoiceId: String(invoiceId),
    ...(typeof provider === 'string' ? { provider } : {}),
  })
}
