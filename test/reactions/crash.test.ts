import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { startHouse } from '#test/support/start-house.ts'

const child = new URL('./reacting-child.ts', import.meta.url).pathname

/** Lets a process write and react, kills it after so many answered records, and answers which those are. */
async function writeAndKill(folders: readonly string[], env: Record<string, string>, killAfter: number) {
  const running = spawn(process.execPath, [child, ...folders], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const answered: string[] = []
  for await (const id of createInterface(running.stdout)) {
    answered.push(id)
    if (answered.length === killAfter) running.kill('SIGKILL')
  }
  return answered
}

test('every event of every answered write is reacted to, of a record in order, wherever the process is killed', async () => {
  const [dataDirectory, modules] = [temporaryFolder(), temporaryFolder()]
  const path = join(modules, 'told.txt')
  writeFileSync(path, '')
  const yaml = 'module: thing\nschema: { name: { type: string } }\nactions: { poke: {} }\n'
  writeFileSync(join(modules, 'thing.yaml'), yaml)
  writeFileSync(
    join(modules, 'thing.mts'),
    `import { appendFileSync } from 'node:fs'
export const reactions = {
  note: {
    on: ['thing.created', 'thing.poke'],
    run: ({ event }) => appendFileSync(${JSON.stringify(path)}, event.record_id + ' ' + event.type + '\\n'),
  },
}
`,
  )
  const overrides = { dataDirectory, moduleDirectory: modules }
  const first = await startHouse({ overrides })
  const { databaseEnv, token } = first
  await first.running.close()
  const answered: string[] = []
  for (const killAfter of [3, 40, 17])
    answered.push(...(await writeAndKill([dataDirectory, modules], databaseEnv, killAfter)))

  // The leases of those that were killed are over by then.
  const clock = frozenClock(new Date(Date.now() + 3_600_000).toISOString())
  const last = await startHouse({ overrides, token, clock })
  onTestFinished(last.close)
  await last.running.react()
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  expect(answered.length).toBeGreaterThanOrEqual(60)
  for (const id of answered) {
    const types = lines.filter((line) => line.startsWith(id)).map((line) => line.split(' ')[1])
    expect([...new Set(types)], id).toEqual(['thing.created', 'thing.poke'])
  }
  // What is done twice is at most what was under way at a kill.
  expect(lines.length - new Set(lines).size).toBeLessThanOrEqual(3 * 4)
  expect((await last.api('GET', '/admin/jobs')).body.data.filter(isReaction)).toEqual([])
})

const isReaction = ({ name }: { name: string }): boolean => name === 'reaction.run'
