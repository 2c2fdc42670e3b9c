import type { Rows } from '#contract/rows.gen.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { beginStory, type Story } from './deeds.ts'
import { momentsOf, type ScenarioFile } from './scenario.ts'
import { amountText, showInvoice } from './show-invoice.ts'

/** What a story came to. */
export interface Outcome {
  readonly invoices: readonly (readonly string[])[]
  readonly credit: readonly string[]
  /** What did not come out of the raw events again. */
  readonly unverified: readonly string[]
}

/** All stories, played. */
export interface Played {
  /** Throws where something in the story could not be done. */
  of(name: string): Outcome
  /** The ledger when all was over, and the numbers that invoices got. */
  readonly ledger: unknown
  readonly sequences: readonly number[]
}

/**
 * Plays stories in one instance whose clock only goes forward: at every moment time first does what it does by itself (the queue
 * with the biller and the ends of periods), then each story does what it has to do then.
 */
export async function playScenarios(files: readonly ScenarioFile[]): Promise<Played> {
  const scenarios = files.flatMap((file) => file.scenarios)
  const timeline = scenarios
    .flatMap((scenario) => momentsOf(scenario).map((moment) => ({ ...moment, scenario })))
    .sort((one, other) => one.atMs - other.atMs)
  const clock = frozenClock(new Date(timeline[0]?.atMs ?? 0).toISOString())
  const house = await startHouse({ clock, env: { APIGATE_CONTROL_RATE_LIMIT: '0' } })
  try {
    for (const { coupons, taxes } of files) {
      for (const coupon of coupons) await house.create('coupons', coupon)
      for (const tax of taxes) await house.create('tax_rates', tax)
    }
    // The queue looks after subscriptions while there is one.
    await house.create('organizations', { name: 'Somebody' })
    await house.running.settle()
    const stories = new Map<string, Story>()
    const outcomes = new Map<string, Outcome | Error>()
    for (const { scenario, atMs, deeds } of timeline) {
      if (atMs !== clock.now() || stories.size === 0) {
        clock.set(new Date(atMs).toISOString())
        await house.running.settle()
      }
      const { name } = scenario
      if (outcomes.has(name)) continue
      try {
        const story = stories.get(name) ?? beginStory(house, clock, scenario)
        stories.set(name, story)
        for (const deed of deeds) {
          if (deed === 'end') {
            outcomes.set(name, await outcomeOf(house, story))
            await story.leave()
          } else await story.carryOut(deed)
        }
      } catch (error) {
        outcomes.set(name, error as Error)
      }
    }
    const { items } = await house.running.house.engine.records.list('invoice', { limit: 1000 })
    return {
      of(name) {
        const outcome = outcomes.get(name)
        if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error('it never ended')
        return outcome
      },
      ledger: (await house.api('GET', '/admin/billing/ledger')).body.data,
      sequences: items.flatMap(({ sequence }) => sequence ?? []).sort((one, other) => one - other),
    }
  } finally {
    await house.close()
  }
}

async function outcomeOf(house: TestHouse, story: Story): Promise<Outcome> {
  const mine = `organization_id=${story.organizationId}`
  const list = async <M extends keyof Rows>(path: string): Promise<Rows[M][]> =>
    (await house.api('GET', path)).body.data
  const invoices = await list<'invoice'>(`/api/invoices?${mine}&sort=created_at&limit=100`)
  const lines = await list<'invoice_line'>(`/api/invoice_lines?${mine}&sort=position&limit=100`)
  const grants = await list<'credit_grant'>(`/api/credit_grants?${mine}&status=active&limit=100`)
  // A draft has no amounts yet, and what belongs to another subscription of the customer is not of this story.
  const told = invoices.filter(
    ({ status, subscription_id: of }) => status !== 'draft' && (of === null || of === story.subscriptionId),
  )
  const unverified: string[] = []
  for (const { id, number } of told) {
    const { data } = (await house.api('GET', `/admin/billing/invoices/${id}/verify`)).body
    if (data?.ok !== true) unverified.push(`${number}: ${JSON.stringify(data?.checks)}`)
  }
  const left = new Map<string, number>()
  for (const { currency, remaining } of grants)
    left.set(currency, (left.get(currency) ?? 0) + Number(remaining))
  return {
    invoices: told.map((invoice) =>
      showInvoice(
        invoice,
        lines.filter((line) => line.invoice_id === invoice.id),
      ),
    ),
    credit: [...left].map(([currency, minor]) => `${amountText(minor, currency)} ${currency}`),
    unverified,
  }
}
