import { signWebhook } from '#adapters/provider/payment/dummy-signature.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { lineOf } from '#domain/billing/invoice-line.ts'
import { startAccounts } from '#test/accounts/account-house.ts'

/** What the webhooks of the dummy are signed with. */
export const dummySecret = 'whsec_of-the-dummy'

export type PayingHouse = Awaited<ReturnType<typeof startPaying>>

/** Somebody who owns an organization. */
export interface Payer {
  readonly email: string
  readonly organizationId: string
  readonly headers: Readonly<Record<string, string>>
}

/** A whole instance that is paid through a provider, with the hands of customers and of the provider. */
export async function startPaying(
  settings: Readonly<Record<string, string>> = { 'payment.dummy.webhook_secret': dummySecret },
  env: Readonly<Record<string, string>> = { PAYMENT_PROVIDER: 'dummy' },
) {
  const accounts = await startAccounts({ env: { ...env } })
  const { running, clock, records } = accounts
  const { billing } = running.house
  // Nobody goes to the page in these tests.
  const atOnce = env['PAYMENT_PROVIDER'] === 'dummy' ? { 'payment.dummy.checkout': 'at_once' } : {}
  for (const [key, value] of Object.entries({ ...atOnce, ...settings }))
    await accounts.create('settings', { key, value })
  let invoices = 0
  return {
    ...accounts,
    billing,
    async payer(email: string): Promise<Payer> {
      const { body } = await accounts.register(email)
      const headers = { ...accounts.bearer(body.data.token), ...accounts.fresh() }
      return { email, organizationId: body.data.organization.id, headers }
    },
    /** An open invoice about an amount. */
    async invoice(
      { organizationId }: Payer,
      amountMinor: bigint,
      currency = 'USD',
    ): Promise<Rows['invoice']> {
      invoices += 1
      const line = lineOf(currency, { kind: 'manual', description: 'Consulting', amountMinor })
      const origin = `test:${invoices}`
      const issued = await billing.issue({ organizationId, kind: 'manual', origin, currency, lines: [line] })
      if (!issued.ok) throw new Error(issued.message)
      return issued.value.invoice
    },
    initiate: ({ headers }: Payer, body: object) =>
      accounts.ask('POST', '/api/v1/billing/initiate-payment', body, headers),
    /** A message of the dummy, signed now, as bytes over HTTP. */
    webhook(event: object, headers: Record<string, string> = {}, path = '/webhooks/dummy') {
      const raw = JSON.stringify(event)
      const signature = signWebhook(dummySecret, raw, clock.now())
      return accounts.ask('POST', path, raw, { 'dummy-signature': signature, ...headers })
    },
    async paymentsOf(invoice: Rows['invoice']): Promise<readonly Rows['payment'][]> {
      const where = [{ field: 'invoice_id', op: 'eq', value: invoice.id }] as const
      return (await records.list('payment', { where })).items
    },
    /** What the provider calls something of ours. */
    async externalId(entity: string, localId: string): Promise<string> {
      const where = [
        { field: 'entity_type', op: 'eq', value: entity },
        { field: 'local_id', op: 'eq', value: localId },
      ] as const
      const { items } = await records.list('provider_mapping', { where })
      return items[0]?.external_id ?? ''
    },
    async invoiceNow({ id }: Rows['invoice']): Promise<Rows['invoice'] | undefined> {
      return records.get('invoice', id)
    },
    async events(): Promise<readonly Rows['provider_event'][]> {
      return (await records.list('provider_event', { limit: 100 })).items
    },
  }
}
