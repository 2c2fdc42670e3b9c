import { expect, test } from 'vitest'
import { type Actor, systemActor } from '#contract/actor.ts'
import { testEngine } from '#test/support/test-engine.ts'
import type { Authorize } from './runtime.ts'

const operator: Actor = { kind: 'operator', id: 'opr_1', role: 'support' }
const files = {
  'shop.yaml': 'module: shop\nschema:\n  name: { type: string, lookup: true, unique: true }\n',
  'cash_box.yaml': `
module: cash_box
meta: { plural: Cash Boxes }
schema:
  label:   { type: string, lookup: true }
  shop_id: { type: ref, to: shop }
  pin:     { type: secret }
  hint:    { type: string, internal: true }
`,
}

async function start(authorize?: Authorize) {
  const parts = await testEngine(files, authorize === undefined ? {} : { authorize })
  const make = async (module: string, input: Record<string, unknown>) => {
    const made = await parts.engine.invoke({
      actor: systemActor,
      requestId: 'r',
      module,
      action: 'create',
      input,
    })
    if (!made.ok) throw new Error(made.message)
    return made.value.row
  }
  return { ...parts, make }
}

test('a module is found by name or plural, with either join', async () => {
  const { engine } = await start()
  for (const name of ['cash_box', 'cash-box', 'cash_boxes', 'cash-boxes'])
    expect(engine.module(name)?.name).toBe('cash_box')
  expect(engine.module('cash')).toBeUndefined()
})

test('what is read from outside never holds a secret or an internal field', async () => {
  const { engine, make } = await start()
  const row = await make('cash_box', { label: 'a', pin: '1234', hint: 'birthday' })
  expect(Object.keys(row)).toEqual(['id', 'label', 'shop_id', 'created_at', 'updated_at'])
  expect(await engine.get({ actor: operator, module: 'cash-boxes', id: 'a' })).toEqual({
    ok: true,
    value: row,
  })
  expect(await engine.list({ actor: operator, module: 'cash_box', query: {} })).toEqual({
    ok: true,
    value: { items: [row] },
  })
})

test('a lookup value that several records have is refused, not guessed', async () => {
  const { engine, make } = await start()
  await make('cash_box', { label: 'a' })
  await make('cash_box', { label: 'a' })
  expect(await engine.get({ actor: operator, module: 'cash_box', id: 'a' })).toMatchObject({
    ok: false,
    code: 'conflict',
  })
})

test('a list can be narrowed by the lookup value of a ref', async () => {
  const { engine, make } = await start()
  await make('shop', { name: 'north' })
  const box = await make('cash_box', { label: 'a', shop_id: 'north' })
  await make('cash_box', { label: 'b' })
  for (const [op, value] of [
    ['eq', 'north'],
    ['in', ['north', 'south']],
  ] as const) {
    const page = await engine.list({
      actor: operator,
      module: 'cash_box',
      query: { where: [{ field: 'shop_id', op, value }] },
    })
    expect(page).toEqual({ ok: true, value: { items: [box] } })
  }
})

test('a list of refs is looked up once for each different value, and not at all when it is too long', async () => {
  const lookedUp: unknown[] = []
  const { engine, make } = await start((_actor, module, action, row) => {
    if (module.name === 'shop' && action.name === 'get') lookedUp.push(row?.['name'])
    return true
  })
  await make('shop', { name: 'north' })
  const box = await make('cash_box', { label: 'a', shop_id: 'north' })
  const boxesOf = (value: readonly string[]) => {
    lookedUp.length = 0
    const where = [{ field: 'shop_id', op: 'in', value }] as const
    return engine.list({ actor: operator, module: 'cash_box', query: { where } })
  }
  expect(await boxesOf(Array.from({ length: 5000 }, () => 'north'))).toEqual({
    ok: true,
    value: { items: [box] },
  })
  expect(lookedUp).toEqual(['north'])
  const many = ['north', ...Array.from({ length: 1000 }, (_, index) => `s${index}`)]
  expect(await boxesOf(many)).toMatchObject({ ok: false, details: { field: 'shop_id' } })
  expect(lookedUp).toEqual([])
})

test('a list stays below a hundred records a page, and twenty when nobody asks', async () => {
  const { engine, make } = await start()
  for (let count = 0; count < 120; count++) await make('cash_box', { label: `b${count}` })
  const sizeOf = async (query: { limit?: number }) => {
    const page = await engine.list({ actor: operator, module: 'cash_box', query })
    return page.ok ? page.value.items.length : 0
  }
  expect(await sizeOf({})).toBe(20)
  expect(await sizeOf({ limit: 5000 })).toBe(100)
})

test('inside reads see everything, walk every record, and fail loudly on a query that cannot be', async () => {
  const { engine, make } = await start()
  for (let count = 0; count < 1201; count++) await make('shop', { name: `s${count}` })
  const records = engine.records as unknown as {
    each(module: string): AsyncIterable<{ name: string }>
    list(module: string, query: object): Promise<unknown>
    getBy(module: string, field: string, value: unknown): Promise<{ pin: string } | undefined>
  }
  const names = new Set<string>()
  for await (const { name } of records.each('shop')) names.add(name)
  expect(names.size).toBe(1201)
  await make('cash_box', { label: 'a', pin: '1234', hint: 'birthday' })
  expect(await records.getBy('cash_box', 'hint', 'birthday')).toMatchObject({ pin: '1234' })
  await expect(records.list('shop', { where: [{ field: 'colour', op: 'eq', value: 1 }] })).rejects.toThrow(
    /colour is not a field/,
  )
})
