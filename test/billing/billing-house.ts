import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { readConfig } from '#bootstrap/config.ts'
import { type House, openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import type { Rows } from '#contract/rows.gen.ts'
import { type FrozenClock, frozenClock } from '#test/support/frozen-clock.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { testsPostgres } from '#test/support/test-database.ts'
import { usageEvent } from '#test/usage/usage-events.ts'

/** An instance that does not serve, with a clock that is moved by hand, for what time does to money. */
export interface BillingHouse {
  readonly house: House
  readonly clock: FrozenClock
  readonly dataDirectory: string
  readonly databaseEnv: Readonly<Record<string, string>>
  write(module: string, action: string, input: Record<string, unknown>, id?: string): Promise<string>
  /** An organization with a subscription to a plan. */
  customer(plan: string, more?: Record<string, unknown>): Promise<Customer>
  /** Usage at a moment: so many events of so many units. */
  use(customer: Customer, at: string, events: number, units?: number): Promise<void>
  /** Moves the clock, lets time do to subscriptions what it does, and runs the biller. */
  runAt(time: string): Promise<unknown>
  invoices(where?: Record<string, unknown>): Promise<readonly Rows['invoice'][]>
  lines(invoice: Rows['invoice']): Promise<readonly string[]>
}

/** Who buys. */
export interface Customer {
  readonly organizationId: string
  readonly subscriptionId: string
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** Opens one on an empty database of the kind that this run tests with. */
export async function openBillingHouse(start = '2026-11-02T10:00:00.000Z'): Promise<BillingHouse> {
  const clock = frozenClock(start)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'apigate-billing-'))
  const schema = testsPostgres ? await emptySchema() : undefined
  const databaseEnv: Record<string, string> = schema === undefined ? {} : { APIGATE_DATABASE_DSN: schema.url }
  const config = readConfig(databaseEnv, { dataDirectory })
  if (!config.ok) throw new Error(config.message)
  const house = await openHouse(config.value, { clock, log: silent })
  onTestFinished(async () => {
    await house.close()
    await schema?.remove()
    rmSync(dataDirectory, { recursive: true, force: true })
  })
  const { engine, billing, usageStore } = house
  let made = 0

  const write: BillingHouse['write'] = async (module, action, input, id) => {
    const call = { actor: systemActor, requestId: 'test', module, action, input }
    const done = await engine.invoke(id === undefined ? call : { ...call, id })
    if (!done.ok) throw new Error(`${module}.${action}: ${done.message}`)
    return done.value.row.id
  }

  return {
    house,
    clock,
    dataDirectory,
    databaseEnv,
    write,
    async customer(plan, more = {}) {
      made += 1
      const name = `Customer ${made}`
      const organizationId = await write('organization', 'create', { name, email: `c${made}@example.com` })
      const { items } = await engine.records.list('subscription', {
        where: [{ field: 'organization_id', op: 'eq', value: organizationId }],
      })
      const subscription = items[0]
      if (subscription === undefined) throw new Error('no subscription')
      const planRow = await engine.records.getBy('plan', 'name', plan)
      await write('subscription', 'update', { plan_id: planRow?.id, ...more }, subscription.id)
      return { organizationId, subscriptionId: subscription.id }
    },
    async use({ organizationId, subscriptionId }, at, events, units = 1) {
      made += 1
      const batch = Array.from({ length: events }, (_, index) =>
        usageEvent({
          id: `use_${made}_${index}`,
          at: Date.parse(at) + index,
          organization_id: organizationId,
          subscription_id: subscriptionId,
          units,
        }),
      )
      await usageStore.absorb(batch, { segment: `segment-${made}`, from: 0, offset: 1 })
    },
    async runAt(time) {
      clock.set(time)
      await house.subscriptions.carryOut()
      return billing.run()
    },
    async invoices(where = {}) {
      const { items } = await engine.records.list('invoice', {
        where: Object.entries(where).map(([field, value]) => ({ field, op: 'eq', value })),
        sort: { field: 'created_at', descending: false },
        limit: 100,
      })
      return items
    },
    async lines(invoice) {
      const { items } = await engine.records.list('invoice_line', {
        where: [{ field: 'invoice_id', op: 'eq', value: invoice.id }],
        sort: { field: 'position', descending: false },
        limit: 100,
      })
      return items.map((line) => `${line.kind} ${line.quantity} x ${line.unit_price} = ${line.amount}`)
    },
  }
}
