import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { runApigate } from '../cli/run-apigate.ts'

let house: TestHouse
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.close())

const watch = (...args: string[]) =>
  runApigate(['watch', ...args, '--server', house.url, '--token', house.token], { cwd: house.dataDirectory })

test('watch tells what has happened to the records of a module since the first kept event, a line each', async () => {
  const one = await house.create('upstreams', { name: 'watched', base_url: 'http://127.0.0.1:9' })
  await house.api('PATCH', `/api/upstreams/${one.id}`, { timeout_ms: 7 })
  await house.api('DELETE', `/api/upstreams/${one.id}`)
  const { out, exitCode } = await watch('upstreams', '--since', 'first', '--events', '3')
  expect(exitCode).toBe(0)
  const lines = out.trim().split('\n')
  expect(lines.map((line) => line.replace(/^20\S+Z {2}/, ''))).toEqual([
    `upstream.created  ${one.id}`,
    `upstream.updated  ${one.id}`,
    `upstream.deleted  ${one.id}`,
  ])
  const json = await watch('upstream', '--since', 'first', '--events', '1', '--output', 'json')
  const first = JSON.parse(json.out) as { id: string; data: object }
  expect(first.data).toMatchObject({ name: 'watched' })
  const after = await watch('upstream', '--since', first.id, '--events', '2')
  expect(after.out.trim().split('\n')).toEqual(lines.slice(1))
})

test.each([
  [['nothing'], 1, /Nothing at \/ws\/nothing/],
  [['plans', '--since', 'evt_never'], 1, /not kept/],
  [['plans', '--events', '0'], 2, /--events is a number above 0/],
  [['plans', '--output', 'yaml'], 2, /--output is table or json/],
])('watch %j is refused, and says why', async (args, code, reason) => {
  const { exitCode, err } = await watch(...args)
  expect(err).toMatch(reason)
  expect(exitCode).toBe(code)
})

test('watch with a wrong token or without a server says so', async () => {
  const wrong = ['watch', 'plans', '--server', house.url, '--token', `opt_${'0'.repeat(64)}`]
  expect(await runApigate(wrong, { cwd: house.dataDirectory })).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('An operator, or a person who is signed in, is needed'),
  })
  expect(await runApigate(['watch', 'plans'], { cwd: house.dataDirectory })).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('--server'),
  })
})
