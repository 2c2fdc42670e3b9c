import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { startHouse } from '#test/support/start-house.ts'

let modules = ''
beforeEach(() => {
  modules = temporaryFolder()
})

const thing = (name: string, meta = '') =>
  `module: ${name}\n${meta}schema: { name: { type: string }, state: { type: string, default: "" } }\nactions: { poke: {} }\n`
const scoped = 'meta: { scope: organization }\n'

/** An instance with things and their reactions; what a reaction writes to \`told\` can be read. */
async function houseOf(reactions: string, meta = '', parts: Parameters<typeof startHouse>[0] = {}) {
  const path = join(modules, 'told.txt')
  writeFileSync(path, '')
  writeFileSync(join(modules, 'thing.yaml'), thing('thing', meta))
  writeFileSync(
    join(modules, 'thing.mts'),
    `import { appendFileSync } from 'node:fs'
import type { CustomReactions } from 'apigate/behaviour'
const tell = (line: unknown) => appendFileSync(${JSON.stringify(path)}, line + '\\n')
export const reactions: CustomReactions = { ${reactions} }
`,
  )
  const clock = frozenClock()
  const house = await startHouse({
    clock,
    ...parts,
    overrides: { moduleDirectory: modules, ...parts.overrides },
  })
  let isOpen = true
  const close = async (): Promise<void> => {
    if (isOpen) await house.close()
    isOpen = false
  }
  onTestFinished(close)
  return { ...house, close, clock, told: () => readFileSync(path, 'utf8').trim().split('\n').filter(Boolean) }
}

test('the reaction that is there to be copied calls the service once for its event', async () => {
  for (const name of ['ticket.yaml', 'ticket.ts']) cpSync(join('examples/modules', name), join(modules, name))
  const lines: unknown[] = []
  const keep = (fields: unknown) => void lines.push(fields)
  const log = { debug: keep, info: keep, warn: keep, error: keep }
  const house = await startHouse({ log, overrides: { moduleDirectory: modules } })
  onTestFinished(house.close)
  const { id } = await house.create('tickets', {
    organization_id: 'operator',
    code: 'AB-1',
    title: 'Where is it?',
  })
  await house.running.react()
  const told = () => lines.filter((line) => JSON.stringify(line).includes('Ticket AB-1 was answered'))
  expect(told()).toEqual([])
  await house.api('POST', `/api/tickets/${id}/answer`, { text: 'There' })
  await house.running.react()
  await house.running.react()
  expect(told()).toHaveLength(1)
})

describe('a reaction', () => {
  const note = `note: { on: ['thing.*'], run: ({ event, attempt }) => tell([event.type, event.data['name'], attempt]) },`

  test('hears of every event that it is for, of one record in their order, and of nothing that was refused', async () => {
    const house = await houseOf(note)
    const { id } = await house.create('things', { name: 'a' })
    await house.api('PATCH', `/api/things/${id}`, { name: 'b' })
    expect((await house.api('PATCH', `/api/things/${id}`, { colour: 'red' })).status).toBe(400)
    await house.api('POST', `/api/things/${id}/poke`)
    await house.api('DELETE', `/api/things/${id}`)
    await house.running.react()
    expect(house.told()).toEqual([
      'thing.created,a,1',
      'thing.updated,b,1',
      'thing.poke,b,1',
      'thing.deleted,b,1',
    ])
  })

  test('that fails is tried again with back-off, and later events of its record wait for it; those of others do not', async () => {
    const house = await houseOf(
      `note: { on: ['thing.*'], run({ event, attempt }) { tell([event.type, event.data['name'], attempt]); if (event.data['name'] === 'bad' && attempt < 3) throw new Error('down') } },`,
    )
    const bad = await house.create('things', { name: 'bad' })
    await house.running.react()
    await house.api('PATCH', `/api/things/${bad.id}`, { name: 'good' })
    await house.create('things', { name: 'other' })
    await house.running.react()
    expect(house.told()).toEqual(['thing.created,bad,1', 'thing.created,other,1'])
    for (let hours = 0; hours < 2; hours++) {
      house.clock.advance(3_600_000)
      await house.running.react()
    }
    expect(house.told().slice(2)).toEqual([
      'thing.created,bad,2',
      'thing.created,bad,3',
      'thing.updated,good,1',
    ])
  })

  test('that refuses is a dead letter, lets later events go on, and is done when it is tried again', async () => {
    const house = await houseOf(
      `note: { on: ['thing.*'], run({ event, refuse, attempt }) { tell([event.type, event.data['name']]); if (event.data['name'] === 'bad') return refuse('conflict', 'not like this') } },`,
    )
    const bad = await house.create('things', { name: 'bad' })
    await house.api('PATCH', `/api/things/${bad.id}`, { name: 'good' })
    await house.running.react()
    expect(house.told()).toEqual(['thing.created,bad', 'thing.updated,good'])
    const dead = await house.api('GET', '/admin/jobs?state=dead')
    expect(dead.body.data).toMatchObject([{ name: 'reaction.run', error: 'not like this' }])
    expect((await house.api('POST', `/admin/jobs/${dead.body.data[0].job_id}/retry`)).status).toBe(200)
    await house.running.react()
    expect(house.told()).toHaveLength(3)
  })

  test('reads and writes within the organization of its event, and calls services', async () => {
    writeFileSync(join(modules, 'entry.yaml'), thing('entry', scoped))
    const house = await houseOf(
      `copy: { on: ['thing.created'], async run({ event, records, everywhere, invoke, call }) {
         const made = await invoke({ module: 'entry', action: 'create', input: { name: event.data['name'] } })
         const foreign = await invoke({ module: 'entry', action: 'create', input: { name: 'x', organization_id: 'org_00000000000000000000000000' } })
         const kept = await call({ capability: 'cache', action: 'set', input: { key: 'k', value: 'v' } })
         tell([made.ok, foreign.ok, kept.ok, (await records.list('thing')).items.length, (await everywhere.records.list('thing')).items.length])
       } },`,
      scoped,
    )
    const other = await house.create('organizations', { name: 'Other', email: 'o@example.com' })
    await house.create('things', { name: 'theirs', organization_id: other.id })
    await house.create('things', { name: 'ours', organization_id: 'operator' })
    await house.running.react()
    expect(house.told().filter((line) => line.startsWith('true,false,true,1,'))).toHaveLength(2)
    expect(house.told().at(-1)).toBe('true,false,true,1,2')
    const entries = (await house.api('GET', '/api/entries?sort=name')).body.data
    expect(
      entries.map(({ name, organization_id }: Record<string, string>) => [
        name,
        organization_id === other.id,
      ]),
    ).toEqual([
      ['ours', false],
      ['theirs', true],
    ])
    const audit = JSON.stringify((await house.api('GET', '/admin/audit?action=entry.create')).body.data)
    expect(audit).toContain('"actor_id":"copy"')
  })

  test('whose code comes later hears of what is committed from then on; one whose code is gone for a while misses nothing', async () => {
    const overrides = { dataDirectory: temporaryFolder() }
    const first = await houseOf('', '', { overrides })
    await first.create('things', { name: 'before' })
    await first.running.react()
    await first.close()
    const start = async (reactions: string) => {
      // Code is loaded once in a process: another version stands in another folder.
      modules = temporaryFolder()
      return houseOf(reactions, '', { overrides, token: first.token })
    }
    const second = await start(note)
    await second.create('things', { name: 'then' })
    await second.running.react()
    expect(second.told()).toEqual(['thing.created,then,1'])
    await second.close()
    const without = await start('')
    await without.create('things', { name: 'meanwhile' })
    await without.running.react()
    await without.close()
    const third = await start(note)
    await third.running.react()
    expect(third.told()).toEqual(['thing.created,meanwhile,1'])
  })
})
