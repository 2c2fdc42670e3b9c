import type { OwnMethods } from '#app/payments/own-methods.ts'
import type { SetUpMethod } from '#app/payments/set-up-method.ts'
import { type FieldProblem, refuseFields } from '#contract/outcome.ts'
import { dataAnswer, refusalAnswer } from '#core/channel/http/answer.ts'
import { asMember, knownBody } from '../account/member-request.ts'
import type { ControlHandler } from '../route-table.ts'

/** What saved ways to pay need. */
export interface MethodHandlerDependencies {
  readonly paymentMethods: OwnMethods
  readonly setUpMethod: SetUpMethod
}

/** The ways to pay that an organization keeps, and paying by one of them, by rule. */
export function methodHandlers({
  paymentMethods: methods,
  setUpMethod,
}: MethodHandlerDependencies): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /api/v1/billing/payment-methods': asMember(async ({ actor }) =>
      dataAnswer(await methods.list(actor.organizationId)),
    ),
    'POST /api/v1/billing/payment-methods': asMember(async ({ actor }, { request, requestId }) => {
      const body = await knownBody(request, ['provider'])
      if (!body.ok) return refusalAnswer(body, requestId)
      const { provider } = body.value
      if (provider !== undefined && (typeof provider !== 'string' || provider.length > 100)) {
        const refusal = refuseFields([{ field: 'provider', reason: 'must be the name of a provider' }])
        return refusalAnswer(refusal, requestId)
      }
      const { organizationId } = actor
      const made = await setUpMethod({ organizationId, ...(provider === undefined ? {} : { provider }) })
      if (!made.ok) return refusalAnswer(made, requestId)
      return dataAnswer({ provider: made.value.provider, setup_url: made.value.url })
    }),
    'POST /api/v1/billing/payment-methods/:id/default': asMember(
      async ({ actor }, { parameters, requestId }) => {
        const done = await methods.makeDefault(actor.organizationId, parameters['id'] ?? '')
        return done.ok ? dataAnswer(done.value) : refusalAnswer(done, requestId)
      },
    ),
    'DELETE /api/v1/billing/payment-methods/:id': asMember(async ({ actor }, { parameters, requestId }) => {
      const done = await methods.remove(actor.organizationId, parameters['id'] ?? '')
      return done.ok ? dataAnswer(done.value) : refusalAnswer(done, requestId)
    }),
    'POST /api/v1/billing/pay': asMember(async ({ actor }, { request, requestId }) => {
      const body = await knownBody(request, ['invoice_id', 'billing_cycle_id', 'payment_method_id'])
      if (!body.ok) return refusalAnswer(body, requestId)
      const { invoice_id, billing_cycle_id, payment_method_id: methodId } = body.value
      const invoiceId = invoice_id ?? billing_cycle_id
      const problems: FieldProblem[] = []
      if (typeof invoiceId !== 'string' || invoiceId === '' || invoiceId.length > 100)
        problems.push({ field: 'invoice_id', reason: 'must be the id of an invoice' })
      if (invoice_id !== undefined && billing_cycle_id !== undefined && invoice_id !== billing_cycle_id)
        problems.push({ field: 'billing_cycle_id', reason: 'is another invoice than invoice_id' })
      if (methodId !== undefined && (typeof methodId !== 'string' || methodId.length > 100))
        problems.push({ field: 'payment_method_id', reason: 'must be the id of a payment method' })
      if (problems.length > 0) return refusalAnswer(refuseFields(problems), requestId)
      const paid = await methods.pay(actor.organizationId, {
        invoiceId: String(invoiceId),
        ...(typeof methodId === 'string' ? { methodId } : {}),
      })
      if (!paid.ok) return refusalAnswer(paid, requestId)
      const { id, invoice_id: paidInvoice, status, amount, currency, provider, decline_code } = paid.value
      return dataAnswer({
        payment_id: id,
        invoice_id: paidInvoice,
        billing_cycle_id: paidInvoice,
        provider,
        amount,
        currency,
        status,
        decline_code,
      })
    }),
  }
}
