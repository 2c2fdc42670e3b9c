import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startHouse } from '#test/support/start-house.ts'

const modules = mkdtempSync(join(tmpdir(), 'apigate-modules-'))
const data = mkdtempSync(join(tmpdir(), 'apigate-data-'))
const overrides = { moduleDirectory: modules, dataDirectory: data }
afterAll(() => {
  for (const folder of [modules, data]) rmSync(folder, { recursive: true, force: true })
})

const ticket = (fields: string): string => `module: ticket
schema:
  title: { type: string, required: true, unique: true, lookup: true }
${fields}actions:
  close:
    set: { state: closed }
hooks:
  after_close:
    - emit: ticket.answered
`

it('a YAML file in a folder is a table and REST at the next start, and a field that is added later is a column', async () => {
  const before = await startHouse({ overrides })
  const { token } = before
  expect((await before.api('GET', '/api/tickets')).status).toBe(404)
  await before.running.close()

  writeFileSync(
    join(modules, 'ticket.yaml'),
    ticket('  state: { type: enum, values: [open, closed], default: open }\n'),
  )
  const first = await startHouse({ overrides, token })
  const made = await first.create('tickets', { title: 'Help' })
  expect(made).toMatchObject({ title: 'Help', state: 'open' })
  expect((await first.api('POST', '/api/tickets/Help/close')).body.data.state).toBe('closed')
  expect((await first.api('POST', '/api/tickets', { title: 'Help' })).body.error).toMatchObject({
    type: 'conflict',
    details: { field: 'title' },
  })
  const events = await first.running.house.engine.eventsSince(0, 1_000)
  expect(events.filter(({ module }) => module === 'ticket').map(({ type }) => type)).toEqual([
    'ticket.created',
    'ticket.close',
    'ticket.answered',
  ])
  await first.running.close()

  const fields =
    '  state: { type: enum, values: [open, closed], default: open }\n  votes: { type: int, default: 0 }\n'
  writeFileSync(join(modules, 'ticket.yaml'), ticket(fields))
  const second = await startHouse({ overrides, token })
  expect((await second.api('GET', '/api/tickets/Help')).body.data).toMatchObject({
    state: 'closed',
    votes: 0,
  })
  expect((await second.api('PATCH', '/api/tickets/Help', { votes: 3 })).body.data.votes).toBe(3)
  await second.running.close()
})

it('a mistake in the file stops the start with file, line and field, and changes nothing', async () => {
  writeFileSync(join(modules, 'broken.yaml'), 'module: broken\nschema:\n  size: { type: integer }\n')
  await expect(startHouse({ overrides })).rejects.toThrow(
    /broken\.yaml:3:11: schema\.size.*"integer".*"int"/s,
  )
  rmSync(join(modules, 'broken.yaml'))
  const after = await startHouse({ overrides, token: 'unused' })
  expect((await fetch(`${after.url}/health`)).status).toBe(200)
  await after.running.close()
})
