import { describe, expect, it } from 'vitest'
import { type Actor, systemActor } from '#contract/actor.ts'
import type { Behaviour, BehaviourContext, Invocation } from '#ports/behaviour.ts'
import { testEngine } from '#test/support/test-engine.ts'

const files = {
  'organization.yaml':
    'module: organization\nmeta: { scope: organization }\nschema: { name: { type: string, lookup: true } }\n',
  'project.yaml':
    'module: project\nmeta: { scope: organization }\nschema: { code: { type: string, lookup: true } }\n',
  'ticket.yaml': `module: ticket
meta: { scope: organization }
schema:
  title: { type: string, unique: true }
  project_id: { type: ref, to: project }
hooks: { before_create: [{ call: look }] }
`,
}

async function open(look: Behaviour = () => undefined) {
  const house = await testEngine(files, { behaviours: { look } })
  const invoke = (actor: Actor, call: Invocation) => house.engine.invoke({ actor, requestId: 'req', ...call })
  const make = async (actor: Actor, module: string, input: Record<string, unknown>) => {
    const made = await invoke(actor, { module, action: 'create', input })
    if (!made.ok) throw new Error(made.message)
    return made.value.row
  }
  const [here, there] = [
    await make(systemActor, 'organization', { name: 'here' }),
    await make(systemActor, 'organization', { name: 'there' }),
  ]
  await make(systemActor, 'project', { organization_id: there.id, code: 'p1' })
  const member: Actor = { kind: 'member', id: 'usr_1', organizationId: here.id, role: 'owner' }
  return { ...house, invoke, make, here, there, member }
}

const listed = async ({ items }: { items: readonly unknown[] }) => items.length
const projects = async (from: Pick<BehaviourContext, 'records'>) =>
  listed(await from.records.list('project' as 'plan'))

describe('a record of an organization', () => {
  it('gets the organization of its maker, who cannot name another one', async () => {
    const { make, invoke, here, there, member } = await open()
    expect((await make(member, 'ticket', { title: 'a' }))['organization_id']).toBe(here.id)
    expect((await make(member, 'ticket', { title: 'b', organization_id: here.id }))['organization_id']).toBe(
      here.id,
    )
    for (const organization of [there.id, 'there', 'org_none']) {
      const input = { title: 'c', organization_id: organization }
      expect(await invoke(member, { module: 'ticket', action: 'create', input })).toMatchObject({
        details: { field: 'organization_id', reason: 'does not exist' },
      })
    }
  })

  it('has to be given by those who run the instance, and its refs are of the same organization then, too', async () => {
    const { make, invoke, here, there } = await open()
    const create = (input: Record<string, unknown>) =>
      invoke(systemActor, { module: 'ticket', action: 'create', input })
    expect(await create({ title: 'a' })).toMatchObject({
      details: { field: 'organization_id', reason: 'is required' },
    })
    expect(await create({ title: 'a', organization_id: here.id, project_id: 'p1' })).toMatchObject({
      details: { field: 'project_id', reason: 'does not exist' },
    })
    await make(systemActor, 'project', { organization_id: here.id, code: 'p1' })
    for (const owner of [here.id, there.id]) {
      const ticket = await make(systemActor, 'ticket', {
        title: 'a',
        organization_id: owner,
        project_id: 'p1',
      })
      expect(ticket['project_id']).toMatch(/^project_/)
    }
  })

  it('is unique within its organization only, and the conflict names the field alone', async () => {
    const { make, invoke, there, member } = await open()
    await make(systemActor, 'ticket', { title: 'same', organization_id: there.id })
    await make(member, 'ticket', { title: 'same' })
    expect(
      await invoke(member, { module: 'ticket', action: 'create', input: { title: 'same' } }),
    ).toMatchObject({
      code: 'conflict',
      message: 'There is already a record of ticket with this title',
      details: { field: 'title' },
    })
  })
})

describe("a behaviour of a member's call", () => {
  it('reads and writes within the organization, and everywhere only where it says so', async () => {
    const seen: unknown[] = []
    const { make, there, member } = await open(async (context) => {
      seen.push(await projects(context), await projects(context.everywhere))
      const input = { organization_id: there.id, code: 'p2' }
      const call = { module: 'project', action: 'create', input }
      seen.push((await context.invoke(call)).ok, (await context.everywhere.invoke(call)).ok)
      return undefined
    })
    await make(member, 'ticket', { title: 'a' })
    expect(seen).toEqual([0, 1, false, true])
  })

  it('cannot move the record to another organization, nor bind it to a record there', async () => {
    let change: Record<string, unknown> = {}
    const { engine, invoke, there, member } = await open(({ input }) => void Object.assign(input, change))
    const theirs = await engine.get({ actor: systemActor, module: 'project', id: 'p1' })
    const create = { module: 'ticket', action: 'create', input: { title: 'a' } }
    change = { organization_id: there.id }
    expect(await invoke(member, create)).toMatchObject({ details: { field: 'organization_id' } })
    change = { project_id: theirs.ok ? theirs.value.id : '' }
    expect(await invoke(member, create)).toMatchObject({
      details: { field: 'project_id', reason: 'does not exist' },
    })
  })

  it('sees everything when an operator calls', async () => {
    const seen: unknown[] = []
    const { make, here } = await open(async (context) => {
      seen.push(await projects(context))
      return undefined
    })
    await make({ kind: 'operator', id: 'opr_1', role: 'superadmin' }, 'ticket', {
      title: 'a',
      organization_id: here.id,
    })
    expect(seen).toEqual([1])
  })
})
