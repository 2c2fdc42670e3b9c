import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { DummyCheckout, DummyCheckouts } from '#ports/dummy-checkout.ts'
import type { DummyObject, DummyObjects } from './dummy-objects.ts'

/** How a payment of a customer ends: what their e-mail address begins with decides. */
export function statusFor(email: string): 'failed' | 'processing' | 'succeeded' {
  if (email.startsWith('decline')) return 'failed'
  return email.startsWith('pending') ? 'processing' : 'succeeded'
}

/** A page on which a card is left, and nothing is paid. */
const isSetup = (page: Readonly<Record<string, unknown>>): boolean => page['is_setup'] === true

const mostMethods = 10
const nothing = refuse('not_found', 'There is nothing to pay here')
/** Whether a page with such a payment is paid, or about to be. */
export const isFinal = (status: unknown): boolean => status === 'succeeded' || status === 'processing'

/** The way to pay that a customer of the dummy keeps. */
interface DummyMethod {
  readonly method_id: string
  readonly kind: 'card'
  readonly brand: string
  readonly last4: string
  readonly exp_month: number
  readonly exp_year: number
}

/** What a customer keeps. */
export const methodsOf = (customer: Readonly<Record<string, unknown>>): readonly DummyMethod[] =>
  Array.isArray(customer['methods']) ? (customer['methods'] as DummyMethod[]) : []

const newMethod = (customerId: string, count: number): DummyMethod => ({
  method_id: `pm_${customerId}_${count}`,
  kind: 'card',
  brand: 'visa',
  last4: '4242',
  exp_month: 12,
  exp_year: 2099,
})

/** The pages over the objects of the dummy: a page is paid once, however often and at once it is tried. */
export function createDummyCheckouts(objects: DummyObjects): DummyCheckouts {
  async function find(id: string): Promise<Outcome<DummyObject>> {
    const found = await objects.find('checkout', id)
    if (!found.ok || (typeof found.value.data['amount'] !== 'number' && !isSetup(found.value.data)))
      return nothing
    return found.value.data['expired'] === true ? nothing : found
  }

  /** The payment of a try, made once for the page where it succeeds. */
  async function tryPayment({ id, data }: DummyObject, isDeclined: boolean) {
    const customer = await objects.find('customer', String(data['customer_id']))
    if (!customer.ok) return customer
    const status = isDeclined ? 'failed' : statusFor(String(customer.value.data['email']))
    const tries = Number(data['tries'] ?? 0)
    const payment = {
      customer_id: customer.value.id,
      amount: data['amount'],
      currency: data['currency'],
      reference: data['reference'] ?? null,
      status,
      refunds: {},
    }
    const key = isFinal(status) ? `checkout ${id}` : `checkout ${id} try ${tries + 1}`
    const made = await objects.make('payment', payment, key)
    if (!made.ok) return made
    if (status === 'succeeded') await keepMethod(customer.value.id)
    return accept({ id: made.value.id, status })
  }

  /** The card that was paid by is kept, so that the next invoice can be collected without asking. */
  const keepMethod = (customerId: string) =>
    objects.change('customer', customerId, (data) => {
      if (methodsOf(data).length > 0) return accept({ data, answer: undefined })
      const count = Number(data['methods_made'] ?? 0) + 1
      const methods = [newMethod(customerId, count)]
      return accept({ data: { ...data, methods, methods_made: count }, answer: undefined })
    })

  /** Once for a page: whoever marks it first leaves the card. */
  async function leaveCard({ id, data: page }: DummyObject, isDeclined: boolean) {
    const left = await objects.change('checkout', id, (data) => {
      const isLeft = isFinal(data['payment_status'])
      const next = isLeft ? data : { ...data, payment_status: isDeclined ? 'failed' : 'succeeded' }
      const answer = { isNew: !isLeft && !isDeclined, page: pageOf({ id, revision: 0, data: next }) }
      return accept({ data: next, answer })
    })
    if (!left.ok) return left
    if (left.value.isNew) {
      const kept = await addMethod(String(page['customer_id']))
      if (!kept.ok) return kept
    }
    return accept(left.value.page)
  }

  const addMethod = (customerId: string) =>
    objects.change('customer', customerId, (data) => {
      const count = Number(data['methods_made'] ?? 0) + 1
      const methods = [...methodsOf(data), newMethod(customerId, count)].slice(-mostMethods)
      return accept({ data: { ...data, methods, methods_made: count }, answer: undefined })
    })

  return {
    async show(id) {
      const found = await find(id)
      return found.ok ? accept(pageOf(found.value)) : found
    },
    async decide(id, isDeclined) {
      const found = await find(id)
      if (!found.ok) return found
      if (isFinal(found.value.data['payment_status'])) return accept(pageOf(found.value))
      if (isSetup(found.value.data)) return leaveCard(found.value, isDeclined)
      const tried = await tryPayment(found.value, isDeclined)
      if (!tried.ok) return tried
      return objects.change('checkout', id, (data) => {
        // Somebody who paid meanwhile has paid.
        const next = isFinal(data['payment_status'])
          ? data
          : {
              ...data,
              payment_id: tried.value.id,
              payment_status: tried.value.status,
              tries: Number(data['tries'] ?? 0) + 1,
            }
        return accept({ data: next, answer: pageOf({ id, revision: 0, data: next }) })
      })
    },
  }
}

function pageOf({ id, data }: DummyObject): DummyCheckout {
  const { payment_id: paymentId, payment_status: status } = data
  return {
    id,
    amountMinor: Number(data['amount'] ?? 0),
    leavesCardOf: isSetup(data) ? String(data['customer_id']) : undefined,
    currency: String(data['currency']).toUpperCase(),
    status: status === undefined ? 'open' : (status as DummyCheckout['status']),
    paymentId: typeof paymentId === 'string' ? paymentId : undefined,
    successUrl: String(data['success_url']),
    cancelUrl: String(data['cancel_url']),
  }
}
