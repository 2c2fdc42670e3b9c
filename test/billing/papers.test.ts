import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runApigate } from '#test/cli/run-apigate.ts'
import { type Payer, type PayingHouse, startPaying } from '../payments/paying-house.ts'

let house: PayingHouse
beforeAll(async () => {
  house = await startPaying()
  for (const [key, value] of Object.entries({ seller_name: 'Engines Ltd', seller_address: 'Marina Road' }))
    await house.create('settings', { key: `billing.${key}`, value })
})
afterAll(() => house.close())

/** A file as it comes, with its headers. */
async function file(path: string, headers: Readonly<Record<string, string>>) {
  const answer = await fetch(house.url + path, { headers })
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    kept: answer.headers.get('cache-control'),
    name: answer.headers.get('content-disposition'),
    text: Buffer.from(await answer.arrayBuffer()).toString('latin1'),
  }
}
const own = (invoiceId: string, what = 'pdf') => `/api/v1/billing/invoices/${invoiceId}/${what}`
const operator = () => ({ authorization: `Bearer ${house.token}` })

async function settle(payer: Payer, invoiceId: string, amountMinor: bigint) {
  const paidAtMs = house.clock.now()
  const paid = { id: `bank ${payer.email}`, provider: 'manual', amountMinor, currency: 'USD', paidAtMs }
  expect(await house.billing.settle(invoiceId, paid)).toMatchObject({ ok: true })
}

test('an invoice as PDF is the same bytes for ever: after it was paid, and after seller and buyer moved', async () => {
  const payer = await house.payer('ada@example.com')
  const invoice = await house.invoice(payer, 6000n)
  const first = await file(own(invoice.id), payer.headers)
  expect(first).toMatchObject({
    status: 200,
    type: 'application/pdf',
    kept: 'private, no-store',
    name: `attachment; filename="${invoice.number}.pdf"`,
  })
  expect(first.text.startsWith('%PDF-1.7')).toBe(true)
  await house.api('PATCH', '/api/settings/billing.seller_address', { value: 'Elsewhere 1' })
  await house.create('billing_profiles', { organization_id: payer.organizationId, legal_name: 'New GmbH' })
  await settle(payer, invoice.id, 6000n)
  expect((await file(own(invoice.id), payer.headers)).text).toBe(first.text)
  expect((await file(`/admin/billing/invoices/${invoice.number}/pdf`, operator())).text).toBe(first.text)
  const next = await house.invoice(payer, 6000n)
  expect(next.billed_to).toMatchObject({
    seller: { name: 'Engines Ltd', address: 'Elsewhere 1' },
    buyer: { name: 'New GmbH' },
  })
})

test('a receipt is there once an invoice is paid, a credit note once there is one', async () => {
  const payer = await house.payer('bea@example.com')
  const invoice = await house.invoice(payer, 500n)
  expect((await file(own(invoice.id, 'receipt'), payer.headers)).status).toBe(409)
  await settle(payer, invoice.id, 500n)
  const receipt = await file(own(invoice.id, 'receipt'), payer.headers)
  expect(receipt).toMatchObject({ status: 200, name: `attachment; filename="${invoice.number}-receipt.pdf"` })
  expect(receipt.text).not.toBe((await file(own(invoice.id), payer.headers)).text)
  const order = { invoiceId: invoice.id, origin: 'test', amountMinor: 100n, reason: 'An outage' }
  const note = await house.billing.creditNote(order)
  if (!note.ok) throw new Error(note.message)
  const paths = ['/api/v1/billing/credit-notes/', '/admin/billing/credit-notes/']
  const [mine, theirs] = [
    await file(`${paths[0]}${note.value.id}/pdf`, payer.headers),
    await file(`${paths[1]}${note.value.number}/pdf`, operator()),
  ]
  expect(mine.status).toBe(200)
  expect(mine.text).toBe(theirs.text)
  // What was taken back later does not change what was paid.
  expect((await file(own(invoice.id, 'receipt'), payer.headers)).text).toBe(receipt.text)
})

test('the papers of another organization are not there, and a draft has none', async () => {
  const payer = await house.payer('cyd@example.com')
  const other = await house.payer('dan@example.com')
  const invoice = await house.invoice(payer, 700n)
  await settle(payer, invoice.id, 700n)
  const order = { invoiceId: invoice.id, origin: 'other', amountMinor: 100n, reason: 'An outage' }
  const note = await house.billing.creditNote(order)
  const noteId = note.ok ? note.value.id : ''
  const [mine, nobodys] = [own(invoice.id), own('inv_none')]
  const refusal = async (path: string) => {
    const { body, status } = await house.ask('GET', path, undefined, other.headers)
    return { status, type: body.error.type, message: body.error.message }
  }
  expect(await refusal(mine)).toEqual(await refusal(nobodys))
  expect(await refusal(own(String(invoice.number)))).toMatchObject({ status: 404 })
  expect(await refusal(own(invoice.id, 'receipt'))).toMatchObject({ status: 404 })
  expect(await refusal(own(invoice.id, 'verify'))).toMatchObject({ status: 404 })
  expect(await refusal(`/api/v1/billing/credit-notes/${noteId}/pdf`)).toMatchObject({ status: 404 })
  expect((await house.ask('GET', mine)).status).toBe(401)
})

test('the command line writes a document of a server to a file, and says which one there is not', async () => {
  const payer = await house.payer('eve@example.com')
  const invoice = await house.invoice(payer, 800n)
  const folder = mkdtempSync(join(tmpdir(), 'apigate-papers-'))
  try {
    const env = { APIGATE_SERVER: house.url, APIGATE_TOKEN: house.token }
    const out = join(folder, 'invoice.pdf')
    const done = await runApigate(['invoices', 'pdf', String(invoice.number), '--out', out], {
      cwd: folder,
      env,
    })
    expect(done, done.err).toMatchObject({ exitCode: 0 })
    expect(readFileSync(out).toString('latin1')).toBe((await file(own(invoice.id), payer.headers)).text)
    const none = await runApigate(['invoices', 'pdf', 'inv_none', '--out', out], { cwd: folder, env })
    expect(none).toMatchObject({ exitCode: 1 })
    expect(none.err).toContain('There is no such invoice')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
