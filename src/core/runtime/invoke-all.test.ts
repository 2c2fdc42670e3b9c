import { describe, expect, it } from 'vitest'
import { type Actor, systemActor } from '#contract/actor.ts'
import { testEngine } from '#test/support/test-engine.ts'
import type { Call } from '../engine.ts'

const shelf = `
module: shelf
schema:
  label: { type: string, required: true, unique: true, lookup: true }
`
const book = `
module: book
schema:
  title:    { type: string, required: true, max: 10 }
  shelf_id: { type: ref, to: shelf, required: true }
`
const modules = { 'shelf.yaml': shelf, 'book.yaml': book }

const create = (module: string, input: Record<string, unknown>, actor: Actor = systemActor): Call => ({
  actor,
  requestId: 'req',
  module,
  action: 'create',
  input,
})

describe('several calls at once', () => {
  it('stand together: a later call may name what an earlier one made, and all are told in one commit', async () => {
    const { engine, told, types } = await testEngine(modules)
    const commits: number[] = []
    engine.onCommit((events) => void commits.push(events.length))
    const outcome = await engine.invokeAll([
      create('shelf', { label: 'poetry' }),
      create('book', { title: 'Odes', shelf_id: 'poetry' }),
    ])
    if (!outcome.ok) throw new Error(outcome.message)
    const [made, shelved] = outcome.value
    expect(shelved?.row['shelf_id']).toBe(made?.row.id)
    expect(types()).toEqual(['shelf.created', 'book.created'])
    expect(told.map((event) => event.seq)).toEqual([1, 2])
    expect(commits).toEqual([2])
  })

  it('fall together: nothing is stored or told when one is refused, and the refusal says which', async () => {
    const { engine, told } = await testEngine(modules)
    const outcome = await engine.invokeAll([
      create('shelf', { label: 'poetry' }),
      create('book', { title: 'Odes', shelf_id: 'poetry' }),
      create('book', { title: 'much too long a title', shelf_id: 'poetry' }),
      create('shelf', { label: 'never reached' }),
    ])
    expect(outcome).toMatchObject({
      ok: false,
      code: 'validation_error',
      details: { field: 'title', call: 2 },
    })
    for (const module of ['shelf', 'book']) {
      const page = await engine.list({ actor: systemActor, module, query: {} })
      expect(page).toMatchObject({ ok: true, value: { items: [] } })
    }
    expect(told).toEqual([])
    expect(await engine.lastSeq()).toBe(0)
  })

  it('are each asked for their permission', async () => {
    const authorize = (_actor: Actor, module: { name: string }) => module.name !== 'book'
    const { engine, told } = await testEngine(modules, { authorize })
    const operator: Actor = { kind: 'operator', id: 'opr_1', role: 'support' }
    const outcome = await engine.invokeAll([
      create('shelf', { label: 'poetry' }, operator),
      create('book', { title: 'Odes', shelf_id: 'poetry' }, operator),
    ])
    expect(outcome).toMatchObject({ ok: false, code: 'permission_denied', details: { call: 1 } })
    expect(told).toEqual([])
  })

  it('fall together when what must be true at the commit fails', async () => {
    const { engine, told } = await testEngine(modules)
    const failing: Call = {
      ...create('shelf', { label: 'b' }),
      beforeCommit: () => Promise.reject(new Error('no')),
    }
    await expect(engine.invokeAll([create('shelf', { label: 'a' }), failing])).rejects.toThrow('no')
    expect(await engine.list({ actor: systemActor, module: 'shelf', query: {} })).toMatchObject({
      value: { items: [] },
    })
    expect(told).toEqual([])
  })

  it('may be none', async () => {
    const { engine } = await testEngine(modules)
    expect(await engine.invokeAll([])).toEqual({ ok: true, value: [] })
  })
})
