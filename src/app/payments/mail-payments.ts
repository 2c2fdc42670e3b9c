import type { Rows } from '#contract/rows.gen.ts'
import { formatMoney } from '#domain/money.ts'
import type { Mail, SendMail } from '#ports/mail.ts'
import { mailAddressOf } from '../billing/billing-terms.ts'
import { ownCall } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'

type Message = Pick<Mail, 'template' | 'data' | 'dedupeKey'>
type Told = Pick<Rows['payment'], 'id' | 'organization_id'>

const isDue = [{ field: 'mail_due', op: 'eq', value: true }] as const

/**
 * Tells customers of cards that were declined, of access that is restricted and of money that has gone back: once each, as the mail has a
 * key of its own, and also after a crash, as the record keeps the note until the mail is on its way. Answers how many it told.
 */
export async function mailPayments(
  deps: Pick<PaymentDependencies, 'records' | 'invoke' | 'log'>,
  sendMail: SendMail,
): Promise<number> {
  const { records, log } = deps
  let told = 0

  async function tell(
    module: 'payment' | 'refund' | 'subscription',
    row: Told,
    of: (name: string) => Promise<Message>,
    input: Readonly<Record<string, unknown>> = {},
  ) {
    const { id, organization_id: organizationId } = row
    const organization = await records.get('organization', organizationId)
    const profile = await records.getBy('billing_profile', 'organization_id', organizationId)
    const to = organization === undefined ? '' : mailAddressOf(organization, profile)
    try {
      if (to !== '' && organization !== undefined) {
        await sendMail({ ...(await of(organization.name)), to })
        told += 1
      }
      await deps.invoke(ownCall({ module, action: 'mailed', id, input }))
    } catch (error) {
      log.error({ error, [module]: id }, 'a customer could not be told of a payment; tried again')
    }
  }

  for await (const refund of records.each('refund', isDue))
    await tell('refund', refund, (name) => refundMail(records, refund, name))
  for await (const payment of records.each('payment', isDue))
    await tell('payment', payment, (name) => failureMail(records, payment, name))
  // Another restriction since then takes a mail of its own.
  for await (const subscription of records.each('subscription', isDue))
    await tell('subscription', subscription, (name) => restrictionMail(records, subscription, name), {
      told: subscription.restricted_at ?? '',
    })
  return told
}

type Records = PaymentDependencies['records']

async function refundMail(records: Records, refund: Rows['refund'], organization: string): Promise<Message> {
  const invoice = await records.get('invoice', refund.invoice_id)
  const { id, invoice_id, reason } = refund
  const data = { organization, number: invoice?.number ?? '', invoice_id, amount: money(refund), reason }
  return { template: 'payment_refunded', data, dedupeKey: `refund ${id}` }
}

async function failureMail(
  records: Records,
  payment: Rows['payment'],
  organization: string,
): Promise<Message> {
  const { id, invoice_id, payment_method_id: methodId } = payment
  const invoice = await records.get('invoice', invoice_id)
  const method = methodId === null ? undefined : await records.get('payment_method', methodId)
  const at = invoice?.collect_at ?? null
  const data = {
    organization,
    number: invoice?.number ?? '',
    invoice_id,
    amount: money(payment),
    method: method?.label || payment.provider,
    next:
      at === null
        ? 'We do not try it again by ourselves: please pay in another way.'
        : `We try again on ${dayText(at)}.`,
  }
  return { template: 'payment_failed', data, dedupeKey: `payment failed ${id}` }
}

async function restrictionMail(
  records: Records,
  { id, plan_id, dunning_policy, throttle_per_minute, restricted_at }: Rows['subscription'],
  organization: string,
): Promise<Message> {
  const plan = await records.get('plan', plan_id)
  const effect =
    dunning_policy === 'throttle'
      ? `At most ${throttle_per_minute} requests a minute are served until everything is paid.`
      : 'Requests are refused until everything is paid.'
  const data = { organization, plan: plan?.name ?? '', effect }
  return { template: 'access_restricted', data, dedupeKey: `restricted ${id} ${restricted_at}` }
}

const money = ({ amount, currency }: { readonly amount: number; readonly currency: string }): string =>
  formatMoney({ amountMinor: BigInt(amount), currency })

const dayText = (time: string): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(time))
