import { describe, expect, it } from 'vitest'
import { systemActor } from '#contract/actor.ts'
import { refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import { testEngine } from '#test/support/test-engine.ts'

const files = {
  'shelf.yaml': `module: shelf
meta: { plural: shelves }
schema: { label: { type: string, lookup: true, unique: true }, best_id: { type: ref, to: book, on_delete: set_null } }
`,
  'book.yaml': `module: book
schema:
  title:    { type: string, lookup: true }
  shelf_id: { type: ref, to: shelf, on_delete: cascade }
hooks:
  before_delete: [{ call: look }]
  after_delete: [{ emit: book.burnt }]
`,
  'page.yaml': `module: page
schema: { number: { type: int }, book_id: { type: ref, to: book, on_delete: cascade } }
hooks: { before_delete: [{ call: look }] }
`,
  'mark.yaml': `module: mark
schema: { name: { type: string }, book_id: { type: ref, to: book, on_delete: set_null, immutable: true } }
hooks: { before_update: [{ call: look }] }
`,
  'loan.yaml': `module: loan
schema: { book_id: { type: ref, to: book } }
`,
}

async function library(behaviour: Behaviour = () => undefined) {
  const seen: string[] = []
  const look: Behaviour = (context) => {
    seen.push(`${context.module} ${context.before?.['title'] ?? context.before?.['number'] ?? ''}`.trim())
    return behaviour(context)
  }
  const house = await testEngine(files, { behaviours: { look } })
  const invoke = (module: string, action: string, input: Record<string, unknown>, id?: string) =>
    house.engine.invoke({
      actor: systemActor,
      requestId: 'req',
      module,
      action,
      input,
      ...(id === undefined ? {} : { id }),
    })
  const make = async (module: string, input: Record<string, unknown>) => {
    const made = await invoke(module, 'create', input)
    if (!made.ok) throw new Error(made.message)
    return made.value.row.id
  }
  const count = async (module: string) => {
    const page = await house.engine.list({ actor: systemActor, module, query: { count: true } })
    return page.ok ? page.value.total : page.message
  }
  const shelf = await make('shelf', { label: 'top' })
  const emma = await make('book', { title: 'Emma', shelf_id: shelf })
  for (const number of [1, 2]) await make('page', { number, book_id: emma })
  const mark = await make('mark', { name: 'red', book_id: emma })
  house.told.length = 0
  return { ...house, invoke, make, count, seen, shelf, emma, mark }
}

describe('deleting a record', () => {
  it('deletes what goes with it through its own hooks, tells each, and the record itself last', async () => {
    const { invoke, types, seen, told, engine, mark } = await library()
    expect((await invoke('shelf', 'delete', {}, 'top')).ok).toBe(true)
    expect(types()).toEqual([
      'mark.updated',
      'page.deleted',
      'page.deleted',
      'book.deleted',
      'book.burnt',
      'shelf.deleted',
    ])
    expect(seen.toSorted()).toEqual(['book Emma', 'mark', 'page 1', 'page 2'])
    expect(told.find(({ type }) => type === 'book.deleted')?.data['title']).toBe('Emma')
    const kept = await engine.get({ actor: systemActor, module: 'mark', id: mark })
    expect(kept.ok && kept.value).toMatchObject({ name: 'red', book_id: null })
  })

  it('is refused as a whole when a hook of what would go with it refuses', async () => {
    const { invoke, count, told } = await library(({ module, before }) =>
      module === 'page' && before?.['number'] === 2 ? refuse('conflict', 'page 2 stays') : undefined,
    )
    expect(await invoke('shelf', 'delete', {}, 'top')).toMatchObject({ ok: false, message: 'page 2 stays' })
    expect([await count('shelf'), await count('book'), await count('page')]).toEqual([1, 1, 2])
    expect(told).toEqual([])
  })

  it('is refused as a whole when something else still needs what would go with it', async () => {
    const { invoke, make, count, emma } = await library()
    await make('loan', { book_id: emma })
    expect(await invoke('shelf', 'delete', {}, 'top')).toMatchObject({ code: 'conflict' })
    expect([await count('shelf'), await count('page')]).toEqual([1, 2])
  })

  it('ends where two refer to each other', async () => {
    const { invoke, count, types, shelf, emma } = await library()
    expect((await invoke('shelf', 'update', { best_id: emma }, shelf)).ok).toBe(true)
    expect((await invoke('book', 'delete', {}, emma)).ok).toBe(true)
    expect(types().filter((type) => type.startsWith('shelf'))).toEqual(['shelf.updated', 'shelf.updated'])
    expect((await invoke('shelf', 'delete', {}, shelf)).ok).toBe(true)
    expect(await count('shelf')).toBe(0)
  })

  it('takes any number of records with it, page by page', async () => {
    const { invoke, make, count, types, emma } = await library()
    for (let number = 3; number <= 250; number++) await make('page', { number, book_id: emma })
    expect((await invoke('book', 'delete', {}, emma)).ok).toBe(true)
    expect(await count('page')).toBe(0)
    expect(types().filter((type) => type === 'page.deleted')).toHaveLength(250)
  })
})
