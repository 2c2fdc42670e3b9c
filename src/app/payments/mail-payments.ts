import type { Rows } from '#contract/rows.gen.ts'
import { formatMoney } from '#domain/money.ts'
import type { SendMail } from '#ports/mail.ts'
import { mailAddressOf } from '../billing/billing-terms.ts'
import { ownCall } from '../billing/dependencies.ts'
import type { PaymentDependencies } from './dependencies.ts'

const isDue = [{ field: 'mail_due', op: 'eq', value: true }] as const

/**
 * Tells customers of money that has gone back: once each, as the mail has a key of its own, and also after a crash, as the record keeps
 * the note until the mail is on its way. Answers how many it told.
 */
export async function mailPayments(
  deps: Pick<PaymentDependencies, 'records' | 'invoke' | 'log'>,
  sendMail: SendMail,
): Promise<number> {
  const { records, log } = deps
  let told = 0

  async function tell(
    module: 'refund',
    id: string,
    organizationId: string,
    send: (to: string, name: string) => Promise<void>,
  ) {
    const organization = await records.get('organization', organizationId)
    const profile = await records.getBy('billing_profile', 'organization_id', organizationId)
    const to = organization === undefined ? '' : mailAddressOf(organization, profile)
    try {
      if (to !== '' && organization !== undefined) {
        await send(to, organization.name)
        told += 1
      }
      await deps.invoke(ownCall({ module, action: 'mailed', id }))
    } catch (error) {
      log.error({ error, [module]: id }, 'a customer could not be told of a payment; tried again')
    }
  }

  for await (const refund of records.each('refund', isDue)) {
    const invoice = await records.get('invoice', refund.invoice_id)
    await tell('refund', refund.id, refund.organization_id, (to, organization) =>
      sendMail({
        template: 'payment_refunded',
        to,
        dedupeKey: `refund ${refund.id}`,
        data: {
          organization,
          number: invoice?.number ?? '',
          invoice_id: refund.invoice_id,
          amount: money(refund),
          reason: refund.reason,
        },
      }),
    )
  }
  return told
}

const money = ({ amount, currency }: Pick<Rows['refund'], 'amount' | 'currency'>): string =>
  formatMoney({ amountMinor: BigInt(amount), currency })
