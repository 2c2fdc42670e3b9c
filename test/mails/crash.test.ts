import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { createHouseWorker } from '#bootstrap/open-jobs.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { providerHouse } from '#test/support/provider-house.ts'

const child = new URL('./mailing-child.ts', import.meta.url).pathname

/** Runs two processes that send mails, kills both after so many were handed over, and answers which were. */
async function sendAndKill(dataDirectory: string, prefixes: string[], killAfter: number): Promise<string[]> {
  const running = prefixes.map((prefix) =>
    spawn(process.execPath, [child, dataDirectory, prefix], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  const sent: string[] = []
  await Promise.all(
    running.map(async (one) => {
      for await (const line of createInterface(one.stdout)) {
        sent.push(line)
        if (sent.length === killAfter) for (const each of running) each.kill('SIGKILL')
      }
    }),
  )
  return sent
}

test('every mail that was handed over arrives, and once, wherever the processes are killed', async () => {
  const dataDirectory = temporaryFolder()
  const first = await providerHouse({ dataDirectory })
  await first.close()
  const sent = [
    ...(await sendAndKill(dataDirectory, ['a', 'b'], 40)),
    ...(await sendAndKill(dataDirectory, ['c', 'd'], 25)),
  ]
  // The leases of those that were killed end an hour from now at the latest.
  const clock = frozenClock(new Date(Date.now() + 3_600_000).toISOString())
  const { house } = await providerHouse({ dataDirectory, clock })
  await createHouseWorker(house, { jobDone() {}, jobsWaiting() {} }).runDue()
  const arrived: string[] = []
  for await (const { to } of house.engine.records.each('logged_email')) arrived.push(to.replace(/@.*/, ''))
  expect(sent.length).toBeGreaterThanOrEqual(65)
  expect(sent.filter((name) => !arrived.includes(name))).toEqual([])
  expect(arrived.length).toBe(new Set(arrived).size)
  let noted = 0
  for await (const _ of house.engine.records.each('email_message')) noted += 1
  expect(noted).toBe(arrived.length)
})
