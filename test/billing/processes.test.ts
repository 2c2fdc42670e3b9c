import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'
import { type BillingHouse, openBillingHouse } from './billing-house.ts'

const child = new URL('./running-child.ts', import.meta.url).pathname

/** What each of the many processes would have to compile again. */
const compiled = mkdtempSync(join(tmpdir(), 'apigate-compiled-'))
afterAll(() => rmSync(compiled, { recursive: true, force: true }))

/** Runs the biller in a process of its own; what it printed, and whether it was killed. */
async function runProcess(
  { dataDirectory, databaseEnv }: BillingHouse,
  at: string,
  runs: number,
  killAfter = 0,
) {
  const dsn = databaseEnv['APIGATE_DATABASE_DSN'] ?? ''
  const args = [child, dataDirectory, dsn, at, String(runs), String(killAfter)]
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
  const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  const ended = once(running, 'exit')
  const printed: unknown[] = []
  for await (const line of createInterface(running.stdout)) printed.push(JSON.parse(line))
  const [, signal] = await ended
  return { printed, isKilled: signal === 'SIGKILL' }
}

/** Three customers with something of everything: overage, tax, given credit, a top-up, and usage that comes late. */
async function fill(billing: BillingHouse) {
  const { house, write } = billing
  await write('tax_rate', 'create', { name: 'VAT', country: 'DE', percent: '19' })
  const taxed = await billing.customer('starter')
  const prepaid = await billing.customer('pro')
  const free = await billing.customer('free')
  await write('billing_profile', 'create', { organization_id: taxed.organizationId, country: 'DE' })
  const topUp = { top_up_below: 9000, top_up_amount: 10_000 }
  await write('billing_profile', 'create', { organization_id: prepaid.organizationId, ...topUp })
  const given = await house.billing.credit.give({
    organizationId: prepaid.organizationId,
    origin: 'welcome',
    currency: 'USD',
    amountMinor: 3000n,
    expiresAtMs: Date.parse('2027-01-15T00:00:00Z'),
  })
  expect(given.ok).toBe(true)
  await billing.use(taxed, '2026-11-10T00:00:00Z', 200, 60)
  await billing.use(prepaid, '2026-11-10T00:00:00Z', 10)
  await billing.use(free, '2026-11-10T00:00:00Z', 5)
  return { taxed, prepaid, free }
}

/** Everything that must not depend on how often, where and with which deaths the biller ran. */
async function outcome({ house, invoices }: BillingHouse) {
  const { items: jobs } = { items: await house.jobs.queue.list({ name: 'email.send', limit: 100 }) }
  const { items: grants } = await house.engine.records.list('credit_grant', { limit: 100 })
  const all = await invoices()
  return {
    invoices: all
      .map(({ number: _number, sequence: _sequence, ...invoice }) =>
        [
          invoice.kind,
          invoice.status,
          invoice.period_start,
          invoice.total,
          invoice.amount_due,
          invoice.units,
        ].join(),
      )
      .sort(),
    sequences: all.map(({ sequence }) => sequence ?? 0).sort((a, b) => a - b),
    balances: (await house.billing.ledger.balances())
      .map(({ account, balanceMinor }) => `${account.replace(/org_\w+/, 'org')} ${balanceMinor}`)
      .sort(),
    credit: grants.map(({ kind, remaining, status }) => `${kind} ${remaining} ${status}`).sort(),
    mails: jobs.ok ? jobs.value.jobs.length : -1,
    check: await house.billing.ledger.check(),
  }
}

/** Where the biller is run, one moment after the other: the periods end, their windows too, and one invoice is not paid in time. */
const moments = [
  '2026-12-01T00:00:00Z',
  '2026-12-01T01:05:00Z',
  '2026-12-20T00:00:00Z',
  '2027-01-01T01:05:00Z',
]

async function expected() {
  const reference = await openBillingHouse()
  const { taxed } = await fill(reference)
  for (const at of moments) {
    await reference.runAt(at)
    if (at === moments[1]) await reference.use(taxed, '2026-11-30T23:59:59.000Z', 50)
  }
  const wanted = await outcome(reference)
  expect(wanted.invoices.length).toBeGreaterThanOrEqual(7)
  expect(wanted.check).toMatchObject({ unbalanced: [], drifted: [] })
  return wanted
}

test('every run three times from two processes at once changes nothing', async () => {
  const billing = await openBillingHouse()
  const { taxed } = await fill(billing)
  for (const at of moments) {
    await Promise.all([1, 2].map(() => runProcess(billing, at, 3)))
    for (const _ of [1, 2, 3])
      expect(Object.values((await billing.runAt(at)) as object).every((count) => count === 0)).toBe(true)
    if (at === moments[1]) await billing.use(taxed, '2026-11-30T23:59:59.000Z', 50)
  }
  expect(await outcome(billing)).toEqual(await expected())
}, 400_000)

test('killed after every single commit, the biller loses nothing and does nothing twice', async () => {
  const billing = await openBillingHouse()
  const { taxed } = await fill(billing)
  let kills = 0
  for (const at of moments) {
    // The lease of the one that died is over after ten minutes.
    let moment = Date.parse(at)
    for (;;) {
      const { isKilled } = await runProcess(billing, new Date(moment).toISOString(), 1, 1)
      if (!isKilled) break
      kills += 1
      moment += 11 * 60_000
    }
    if (at === moments[1]) await billing.use(taxed, '2026-11-30T23:59:59.000Z', 50)
  }
  expect(kills).toBeGreaterThan(12)
  expect(await outcome(billing)).toEqual(await expected())
}, 400_000)
