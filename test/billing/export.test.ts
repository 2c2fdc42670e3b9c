import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runApigate } from '#test/cli/run-apigate.ts'
import { type Payer, type PayingHouse, startPaying } from '../payments/paying-house.ts'

let house: PayingHouse
let ada: Payer
let eve: Payer
beforeAll(async () => {
  house = await startPaying()
  ada = await house.payer('ada@example.com')
  eve = await house.payer('eve@example.com')
  const name = '=HYPERLINK("http://evil.example"),\r\n"GmbH"'
  await house.create('billing_profiles', { organization_id: ada.organizationId, legal_name: name })
  const paid = await house.invoice(ada, 6000n)
  await house.initiate(ada, { invoice_id: paid.id })
  await house.running.house.payments.reconcile()
  const order = { invoiceId: paid.id, origin: 'test', amountMinor: 150n, reason: '-2+3' }
  expect(await house.billing.creditNote(order)).toMatchObject({ ok: true })
  await house.invoice(eve, 700n, 'JPY')
})
afterAll(() => house.close())

type Row = Readonly<Record<string, string>>

/** A table as a strict reader of CSV sees it. */
async function table(path: string, headers: Readonly<Record<string, string>>): Promise<readonly Row[]> {
  const answer = await fetch(house.url + path, { headers })
  expect(answer.status, path).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/)
  expect(answer.headers.get('cache-control')).toBe('private, no-store')
  return parse(await answer.text(), { columns: true, record_delimiter: '\r\n' })
}
const own = (name: string, query = '') => `/api/v1/billing/export/${name}${query}`
const operator = () => ({ authorization: `Bearer ${house.token}` })

test('what a customer exports is theirs alone, and adds up to the smallest unit', async () => {
  const [invoice, ...others] = await table(own('invoices'), ada.headers)
  expect(others).toEqual([])
  expect(invoice).toMatchObject({
    organization_id: ada.organizationId,
    status: 'paid',
    total: '60.00',
    amount_paid: '60.00',
    credited: '1.50',
    payment_provider: 'dummy',
  })
  expect(await table(own('lines'), ada.headers)).toMatchObject([
    { invoice: invoice?.['number'], description: 'Consulting', amount: '60.00', currency: 'USD' },
  ])
  expect(await table(own('payments'), ada.headers)).toMatchObject([{ status: 'succeeded', amount: '60.00' }])
  expect(await table(own('credit-notes'), ada.headers)).toMatchObject([{ total: '1.50' }])
  expect(await table(own('refunds'), ada.headers)).toEqual([])
  const ledger = await table(own('ledger'), ada.headers)
  expect(new Set(ledger.map(({ account }) => account?.split(':')[1]))).toEqual(new Set([ada.organizationId]))
  const owed = ledger.filter(({ account }) => account?.startsWith('receivable:'))
  expect(owed.map(({ amount }) => amount)).toEqual(['60.00', '-60.00'])
  expect(await table(own('invoices'), eve.headers)).toMatchObject([{ total: '700', currency: 'JPY' }])
})

test('the whole ledger is exported in order, every row once, and sums to nothing', async () => {
  const rows = await table('/admin/billing/export/ledger', operator())
  const checked = await house.billing.ledger.check()
  expect(rows).toHaveLength(checked.rows)
  const sum = (currency: string) =>
    rows
      .filter((row) => row['currency'] === currency)
      .reduce((all, { amount }) => all + Math.round(Number(amount) * 100), 0)
  expect([sum('USD'), sum('JPY')]).toEqual([0, 0])
  const one = await table(`/admin/billing/export/invoices?organization_id=${eve.organizationId}`, operator())
  expect(one).toMatchObject([{ organization_id: eve.organizationId }])
})

test('a name that a spreadsheet would carry out stays text, and breaks no line', async () => {
  const [invoice] = await table(own('invoices'), ada.headers)
  expect(invoice?.['buyer_name']).toBe('\'=HYPERLINK("http://evil.example"),\r\n"GmbH"')
  const [note] = await table(own('credit-notes'), ada.headers)
  expect(note?.['reason']).toBe("'-2+3")
})

test('use is exported by day, key and route', async () => {
  const at = house.clock.now()
  const { usageStore } = house.running.house
  const event = { at, organization_id: ada.organizationId, units: 2, route_id: 'rt_x', api_key_id: 'key_x' }
  const { usageEvent } = await import('#test/usage/usage-events.ts')
  const events = ['one', 'two'].map((id) => usageEvent({ ...event, id }))
  await usageStore.absorb(events, { segment: 'export', from: 0, offset: 1 })
  const day = new Date(at).toISOString().slice(0, 10)
  expect(await table(own('usage', `?from=${day}&to=${day}`), ada.headers)).toMatchObject([
    { date: day, route_id: 'rt_x', api_key_id: 'key_x', requests: '2', units: '4' },
  ])
  expect(await table(own('usage', `?from=${day}&to=${day}`), eve.headers)).toEqual([])
})

test('days that are none, too many or turned around are refused, and so is a table that there is not', async () => {
  const status = async (path: string) => (await house.ask('GET', path, undefined, ada.headers)).status
  expect(await status(own('invoices', '?from=yesterday'))).toBe(400)
  expect(await status(own('invoices', '?from=2026-02-02&to=2026-02-01'))).toBe(400)
  expect(await status(own('usage', '?from=2020-01-01&to=2026-02-01'))).toBe(400)
  expect(await status(own('secrets'))).toBe(404)
  expect(await status(own('constructor'))).toBe(404)
  expect((await house.ask('GET', own('invoices'))).status).toBe(401)
})

test('the command line writes what the server exports', async () => {
  const env = { APIGATE_SERVER: house.url, APIGATE_TOKEN: house.token }
  const done = await runApigate(['billing', 'export', 'invoices'], { cwd: '/tmp', env })
  expect(done.exitCode, done.err).toBe(0)
  const answer = await fetch(`${house.url}/admin/billing/export/invoices`, { headers: operator() })
  expect(done.out).toBe(await answer.text())
})
