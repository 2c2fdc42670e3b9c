import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import type { DomainEvent } from '#contract/events.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { receivedBy, receiver } from './webhook-house.ts'

const child = new URL('./hooking-child.ts', import.meta.url).pathname
/** Where each process dies by itself, or after how many answered lines it is killed. */
const ends: readonly (readonly [step: string, killAfter: number])[] = [
  ['committed', 1_000],
  ['recorded', 1_000],
  ['sent', 1_000],
  ['noted', 1_000],
  ['never', 8],
  ['never', 20],
]

/** Lets a process serve until it dies at a step, or is killed after so many answered lines. */
async function serveAndDie(args: string[], env: Readonly<Record<string, string>>, killAfter: number) {
  const one = spawn(process.execPath, [child, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => one.once('exit', (_, by) => resolve(by)))
  const answered: string[] = []
  for await (const line of createInterface(one.stdout)) {
    answered.push(line)
    if (answered.length >= killAfter) one.kill('SIGKILL')
  }
  expect(await ended).toBe('SIGKILL')
  return answered
}

async function eventsOf(house: TestHouse): Promise<readonly DomainEvent[]> {
  const all: DomainEvent[] = []
  for (;;) {
    const page = await house.running.house.engine.eventsSince(all.at(-1)?.seq ?? 0, 1_000)
    if (page.length === 0) return all
    all.push(...page)
  }
}

const ids = (events: readonly { readonly id: string }[]): readonly string[] => events.map(({ id }) => id)

test('wherever the serving process is killed, every event reaches its receivers, in order per record, and is noted once', async () => {
  const dataDirectory = temporaryFolder()
  const hooks = await receiver()
  let asked = 0
  hooks.answer((_request, response) => {
    asked += 1
    response.writeHead(asked % 23 === 0 ? 503 : 200).end()
  })
  const first = await startHouse({ overrides: { dataDirectory } })
  await first.create('settings', { key: 'webhooks.allow_private', value: 'true' })
  const { id: organization } = await first.create('organizations', { name: 'Engines' })
  const { token, databaseEnv } = first
  await first.close()
  const answered: string[] = []
  for (const [at, [step, killAfter]] of ends.entries())
    answered.push(
      ...(await serveAndDie(
        [dataDirectory, organization, `${hooks.url}/${at}`, step],
        databaseEnv,
        killAfter,
      )),
    )

  const refused = Math.floor(asked / 23)
  hooks.answer((_request, response) => response.end())
  // The leases of those that were killed are over by then.
  const clock = frozenClock(new Date(Date.now() + 3_600_000).toISOString())
  const house = await startHouse({ overrides: { dataDirectory }, token, clock })
  try {
    await house.running.deliverWebhooks()
    const all = await eventsOf(house)
    const rows = []
    for await (const row of house.running.house.engine.records.each('webhook_delivery')) rows.push(row)
    const endpoints = all.filter(({ type }) => type === 'webhook_endpoint.created')
    expect(endpoints).toHaveLength(ends.length)
    let twice = 0
    for (const { record_id: endpoint, seq, data } of endpoints) {
      const told = all.filter((event) => event.module === 'api_key' && event.seq > seq)
      const path = new URL(String(data['url'])).pathname
      const taken = receivedBy({ seen: hooks.seen.filter(({ url }) => url === path) })
      const firstTaken = [...new Map(taken.map((one) => [one.id, one])).values()]
      twice += taken.length - firstTaken.length
      expect(ids(firstTaken).toSorted()).toEqual(ids(told).toSorted())
      for (const record of new Set(told.map(({ record_id: id }) => id)))
        expect(ids(firstTaken.filter(({ data: { id } }) => id === record))).toEqual(
          ids(told.filter(({ record_id: id }) => id === record)),
        )
      const noted = rows.filter(({ endpoint_id: id }) => id === endpoint)
      expect(noted.map(({ event_id: id }) => id).toSorted()).toEqual(ids(told).toSorted())
    }
    expect([...new Set(rows.map(({ state }) => state))]).toEqual(['delivered'])
    const known = new Set(all.map(({ record_id: id }) => id))
    expect(answered.filter((id) => !known.has(id))).toEqual([])
    // Twice comes only what was refused, and what was under way when its process was killed: at most four at an endpoint.
    expect(twice - refused).toBeLessThanOrEqual(4 * ends.length ** 2)
  } finally {
    await house.close()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
})
