import type { Deeds, Hands } from './hands.ts'
import { minorOf } from './show-invoice.ts'

/** What is done about invoices at the operator's desk, and with prepaid credit. */
export function moneyDeeds(hands: Hands): Deeds {
  const { ask, house, lastInvoice, scenario } = hands
  return [
    [/^settle up$/, async () => (scenario.unpaid === true ? undefined : settleAll(hands))],
    [/^pays$/, () => settleAll(hands)],
    [
      /^given ([\d.]+) (\w+)(?: priority (\d+))?(?: until (\S+))?$/,
      ([, amount = '', currency = '', priority, expires_at]) =>
        ask('POST', '/admin/billing/credits', {
          organization_id: hands.organizationId,
          amount: minorOf(amount, currency),
          currency,
          ...(priority === undefined ? {} : { priority: Number(priority) }),
          ...(expires_at === undefined ? {} : { expires_at }),
        }),
    ],
    [
      /^buys ([\d.]+) (\w+)$/,
      async ([, amount = '', currency = '']) => {
        const sold = await house.running.house.billing.credit.sell({
          organizationId: hands.organizationId,
          origin: hands.next(),
          currency,
          amountMinor: BigInt(minorOf(amount, currency)),
        })
        if (!sold.ok) throw new Error(sold.message)
      },
    ],
    [
      /^taken back ([\d.]+)$/,
      async ([, amount = '']) => {
        const { id, currency } = await lastInvoice()
        const body = { amount: minorOf(amount, currency), reason: 'An outage' }
        await ask('POST', `/admin/billing/invoices/${id}/credit-note`, body)
      },
    ],
    [
      /^(void|write-off)$/,
      async ([, action]) => ask('POST', `/admin/billing/invoices/${(await lastInvoice()).id}/${action}`, {}),
    ],
    [
      /^refused: pays ([\d.]+) (\w+)$/,
      async ([, amount = '', currency = '']) => {
        const { id } = await lastInvoice()
        const body = { payment_id: `${hands.label}-wrong`, amount: minorOf(amount, currency), currency }
        const answer = await house.api('POST', `/admin/billing/invoices/${id}/settle`, body)
        if (answer.status < 400) throw new Error('it was not refused')
      },
    ],
  ]
}

/** Money that came to the bank of the operator for everything that is due. */
async function settleAll({ ask, list, next }: Hands): Promise<void> {
  for (const status of ['open', 'overdue'])
    for (const { id, amount_due: amount, currency } of await list<'invoice'>('invoices', `status=${status}`))
      await ask('POST', `/admin/billing/invoices/${id}/settle`, { payment_id: next(), amount, currency })
}
