import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readConfig } from '#bootstrap/config.ts'
import { openHouse } from '#bootstrap/open-house.ts'
import { systemActor } from '#contract/actor.ts'
import { usageEvent } from '#test/usage/usage-events.ts'

/**
 * Closes a period of many subscriptions from raw events, and then runs the biller once more beside that history: `node bench/billing.ts [events] [subscriptions]`.
 */
const [events = 1_000_000, subscriptions = 10_000] = process.argv.slice(2).map(Number)
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
const dataDirectory = mkdtempSync(join(tmpdir(), 'apigate-bench-'))
const now = Date.parse('2026-11-02T00:00:00Z')
const config = readConfig({}, { dataDirectory })
if (!config.ok) throw new Error(config.message)
const house = await openHouse(config.value, { log: quiet, clock: { now: () => now } })
const { engine, usageStore } = house
const say = (line: string) => process.stdout.write(`${line}\n`)

async function invokeAll(calls: readonly { module: string; action: string; id?: string; input: object }[]) {
  const done = await engine.invokeAll(
    calls.map((call) => ({
      ...call,
      input: { ...call.input },
      actor: systemActor,
      requestId: 'bench',
    })),
  )
  if (!done.ok) throw new Error(done.message)
  return done.value.map(({ row }) => row.id)
}

async function makeSubscriptions(): Promise<readonly { organization: string; subscription: string }[]> {
  const plan = await engine.records.getBy('plan', 'name', 'starter')
  const made: { organization: string; subscription: string }[] = []
  for (let start = 0; start < subscriptions; start += 100) {
    const size = Math.min(100, subscriptions - start)
    const names = Array.from({ length: size }, (_, index) => ({ name: `Customer ${start + index}` }))
    const organizations = await invokeAll(
      names.map((input) => ({ module: 'organization', action: 'create', input })),
    )
    for (const organization of organizations) {
      const { items } = await engine.records.list('subscription', {
        where: [{ field: 'organization_id', op: 'eq', value: organization }],
      })
      const id = items[0]?.id ?? ''
      await invokeAll([{ module: 'subscription', action: 'update', id, input: { plan_id: plan?.id } }])
      made.push({ organization, subscription: id })
    }
  }
  return made
}

async function use(
  made: readonly { organization: string; subscription: string }[],
  total: number,
  from: string,
) {
  const size = 2000
  for (let start = 0; start < total; start += size) {
    const batch = Array.from({ length: Math.min(size, total - start) }, (_, index) => {
      const n = start + index
      const owner = made[n % made.length] ?? { organization: '', subscription: '' }
      return usageEvent({
        id: `use_${from}_${n}`,
        at: Date.parse(from) + Math.floor((n / total) * 20 * 86_400_000),
        organization_id: owner.organization,
        subscription_id: owner.subscription,
        api_key_id: `key_${owner.subscription}`,
        units: 200,
      })
    })
    await usageStore.absorb(batch, { segment: `${from}-${start}`, from: 0, offset: 1 })
  }
}

/** Runs the biller in a process of its own, so that what filled the database does not count. */
async function measure(what: string, at: string): Promise<void> {
  const child = new URL('./billing/run-biller.ts', import.meta.url).pathname
  const running = spawn(process.execPath, [child, dataDirectory, at], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface(running.stdout)) say(`${what}: ${line}`)
}

const made = await makeSubscriptions()
await use(made, events, '2026-11-03T00:00:00Z')
say(`${events} events of ${made.length} subscriptions`)
await house.close()
await measure('closing and finalizing the period', '2026-12-01T01:05:00Z')
await measure('a run with nothing to do', '2026-12-01T02:05:00Z')
rmSync(dataDirectory, { recursive: true, force: true })
