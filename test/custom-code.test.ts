import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runApigate } from '#test/cli/run-apigate.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'

/** An instance with a folder of modules of its own. */
async function houseOf(modules: string): Promise<TestHouse> {
  const house = await startHouse({ overrides: { moduleDirectory: modules } })
  onTestFinished(house.close)
  return house
}

it('the module with a hook in code that is there to be copied works as it stands', async () => {
  const modules = temporaryFolder()
  for (const name of ['ticket.yaml', 'ticket.ts']) cpSync(join('examples/modules', name), join(modules, name))
  const house = await houseOf(modules)
  const made = await house.create('tickets', {
    organization_id: 'operator',
    title: 'Where is it?',
    priority: 3,
  })
  expect(made).toMatchObject({ state: 'open', weight: 9, slug: 'where-is-it-' })
  const answered = await house.api('POST', `/api/tickets/${made.id}/answer`, { text: 'There' })
  expect(answered.body.data).toMatchObject({ state: 'answered', answer: 'There', waited_minutes: 0 })
  const events = await house.running.house.engine.eventsSince(0, 1_000)
  const types = events.filter(({ module }) => module === 'ticket').map(({ type }) => type)
  expect(types).toEqual(['ticket.created', 'ticket.answer', 'ticket.answered'])

  const open = Array.from({ length: 20 }, (_, at) => ({
    organization_id: 'operator',
    title: `Question ${at}`,
  }))
  for (const input of open) await house.create('tickets', input)
  const refused = await house.api('POST', '/api/tickets', open[0])
  expect([refused.status, refused.body.error.message]).toEqual([
    409,
    'An organization has at most 20 open tickets',
  ])
})

it("a behaviour's failure undoes all that its action wrote, also through it", async () => {
  const modules = temporaryFolder()
  const thing = (name: string, more = '') => `module: ${name}\nschema: { name: { type: string } }\n${more}`
  writeFileSync(join(modules, 'entry.yaml'), thing('entry'))
  writeFileSync(join(modules, 'box.yaml'), thing('box', 'hooks: { after_create: [{ call: box_note }] }\n'))
  writeFileSync(
    join(modules, 'box.mts'),
    `import type { CustomBehaviours } from 'apigate/behaviour'
export const behaviours: CustomBehaviours = {
  async box_note({ invoke, input, records, id }) {
    const noted = await invoke({ module: 'entry', action: 'create', input: { name: 'of ' + id } })
    if (!noted.ok) return noted
    if (input.name === 'broken') throw new Error((await records.list('entry')).items.length + ' entry so far')
  },
}
`,
  )
  const house = await houseOf(modules)
  await house.create('boxes', { name: 'whole' })
  expect((await house.api('POST', '/api/boxes', { name: 'broken' })).status).toBe(500)
  expect((await house.api('GET', '/api/boxes')).body.data.map(({ name }: { name: string }) => name)).toEqual([
    'whole',
  ])
  expect((await house.api('GET', '/api/entries')).body.data).toHaveLength(1)
})

it('code that cannot be read stops the start with file, line and column', async () => {
  const modules = temporaryFolder()
  cpSync('examples/modules/ticket.yaml', join(modules, 'ticket.yaml'))
  writeFileSync(join(modules, 'ticket.ts'), 'export const behaviours = {\n  ticket_answer: (=> 1,\n}\n')
  const { exitCode, err } = await runApigate(['tickets', 'list', '--modules', modules], {
    cwd: temporaryFolder(),
  })
  expect(exitCode).not.toBe(0)
  expect(err).toMatch(/ticket\.ts:2:19: cannot be loaded: Expression expected; mend the code/)
})
