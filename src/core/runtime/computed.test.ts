import { describe, expect, it } from 'vitest'
import { systemActor } from '#contract/actor.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { testEngine } from '#test/support/test-engine.ts'

const line = (computed: string, more = ''): Record<string, string> => ({
  'line.yaml': `module: line
schema:
  name:     { type: string, required: true }
  price:    { type: int, required: true }
  quantity: { type: int, default: 1 }
  discount: { type: int }
${computed}
${more}`,
})
const total = '  total: { type: int, computed: "price * quantity - (discount == null ? 0 : discount)" }'
type Parts = Parameters<typeof testEngine>[1]

async function open(computed: string, more?: string, parts?: Parts) {
  const house = await testEngine(line(computed, more), parts)
  const invoke = (action: string, input: Record<string, unknown>, id?: string) =>
    house.engine.invoke({
      actor: systemActor,
      requestId: 'req',
      module: 'line',
      action,
      input,
      ...(id === undefined ? {} : { id }),
    })
  const list = async (field: string, value: unknown) => {
    const query = { where: [{ field, op: 'gte' as const, value }], sort: { field, descending: true } }
    const page = await house.engine.list({ actor: systemActor, module: 'line', query })
    return page.ok ? page.value.items.map((row) => row[field]) : page.message
  }
  return { ...house, invoke, list }
}

const rowOf = (outcome: Awaited<ReturnType<Awaited<ReturnType<typeof open>>['invoke']>>) => {
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value.row
}

describe('a computed field', () => {
  it('follows every write of what it is made of, and is in the answer, the event and the filters', async () => {
    const { invoke, list, told } = await open(total)
    const row = rowOf(await invoke('create', { name: 'a', price: 5, quantity: 3 }))
    expect(row['total']).toBe(15)
    expect(rowOf(await invoke('update', { discount: 4 }, row.id))['total']).toBe(11)
    expect(rowOf(await invoke('update', { name: 'b' }, row.id))['total']).toBe(11)
    expect(told.map(({ data }) => data['total'])).toEqual([15, 11, 11])
    rowOf(await invoke('create', { name: 'c', price: 50 }))
    expect(await list('total', 10)).toEqual([50, 11])
  })

  it('is written by nobody, not even by the system or a behaviour', async () => {
    const behaviours = {
      lie: ({ input }: { input: Record<string, unknown> }) => {
        input['total'] = 1
        return undefined
      },
    }
    const { invoke } = await open(total, 'hooks: { before_create: [{ call: lie }] }\n', { behaviours })
    expect(await invoke('create', { name: 'a', price: 5, total: 7 })).toMatchObject({
      code: 'validation_error',
      details: { field: 'total', reason: 'is computed from the rest of the record' },
    })
    expect(rowOf(await invoke('create', { name: 'a', price: 5 }))['total']).toBe(5)
  })

  it('follows what an action and its after hooks set', async () => {
    const more =
      'actions: { free: { set: { price: 0 } } }\nhooks: { after_free: [{ set: { discount: 2 } }] }\n'
    const { invoke } = await open(total, more)
    const row = rowOf(await invoke('create', { name: 'a', price: 5, quantity: 3 }))
    expect(rowOf(await invoke('free', {}, row.id))).toMatchObject({ price: 0, discount: 2, total: -2 })
  })

  it('refuses a record that has no value for it, and changes nothing', async () => {
    const { invoke, list } = await open('  share: { type: int, min: 0, computed: "price / quantity" }')
    expect(await invoke('create', { name: 'a', price: 5, quantity: 0 })).toMatchObject({
      code: 'validation_error',
      details: { field: 'share', reason: expect.stringContaining('cannot be computed') },
    })
    expect(await invoke('create', { name: 'a', price: -5 })).toMatchObject({
      details: { field: 'share', reason: 'is computed and must be at least 0' },
    })
    expect(await list('share', 0)).toEqual([])
  })

  it('may come from code', async () => {
    const computations = {
      shout: ({ name }: Readonly<Record<string, unknown>>) => String(name).toUpperCase(),
    }
    const { invoke } = await open('  loud: { type: string, computed: { call: shout } }', '', { computations })
    expect(rowOf(await invoke('create', { name: 'hey', price: 1 }))['loud']).toBe('HEY')
  })

  it('is worked out for the records that were there before it, and again when it is defined anew', async () => {
    const path = `${temporaryFolder()}/test.db`
    const first = await open('', '', { path })
    for (let index = 0; index < 501; index++) rowOf(await first.invoke('create', { name: 'a', price: index }))
    const second = await open(total, '', { path })
    expect(await second.engine.recompute()).toBe(501)
    expect(await second.engine.recompute()).toBe(0)
    expect(await second.list('total', 498)).toEqual([500, 499, 498])
    const third = await open('  total: { type: int, computed: "price * 2" }', '', { path })
    expect(await third.engine.recompute()).toBe(500)
    expect(await third.list('total', 998)).toEqual([1000, 998])
  })

  const wrong: [what: string, computed: string, message: RegExp][] = [
    [
      'an unknown name',
      'computed: "prize * 2"',
      /line.yaml:7:19: schema.x.computed: .*unknown variable: prize/,
    ],
    ['another type', 'computed: "name"', /7:19: schema.x.computed: must yield int or double, not string/],
    [
      'code that is not there',
      'computed: { call: add }',
      /7:19: schema.x.computed: calls "add", which computes nothing/,
    ],
    ['a default', 'default: 1, computed: "price"', /schema.x: a computed field takes no default/],
    ['an immutable one', 'immutable: true, computed: "price"', /schema.x: "computed" is never written/],
  ]
  for (const [what, computed, message] of wrong) {
    it(`stops the boot for ${what}, with file, line and column`, async () => {
      await expect(open(`  x: { type: int, ${computed} }`)).rejects.toThrow(message)
    })
  }
})

describe('the output of an action', () => {
  const action = `actions:
  quote:
    call: quote_line
    input: [{ name: count, type: int, required: true }]
    output: [{ name: amount, type: int, required: true }, { name: currency, type: string, length: 3 }]
`
  const quote = (amount: unknown, currency?: unknown) => ({
    quote_line: (context: { revealOnce(name: string, value: unknown): void }) => {
      context.revealOnce('amount', amount)
      if (currency !== undefined) context.revealOnce('currency', currency)
      return undefined
    },
  })

  it('is answered beside the record when the behaviour gives what the module promises', async () => {
    const { invoke } = await open('', action, { behaviours: quote(12, 'USD') })
    const row = rowOf(await invoke('create', { name: 'a', price: 5 }))
    expect(await invoke('quote', { count: 2 }, row.id)).toMatchObject({
      ok: true,
      value: { once: { amount: 12, currency: 'USD' } },
    })
    expect(await invoke('quote', { count: 'two' }, row.id)).toMatchObject({ details: { field: 'count' } })
  })

  for (const [what, behaviours] of [
    ['another type', quote('twelve')],
    ['nothing where it is required', quote(null)],
    ['a text of another length', quote(12, 'US dollars')],
  ] as const) {
    it(`is a failure that undoes the action when the behaviour answers ${what}`, async () => {
      const { invoke, engine } = await open(
        '',
        action.replace('quote_line', 'quote_line\n    set: { price: 99 }'),
        {
          behaviours,
        },
      )
      const row = rowOf(await invoke('create', { name: 'a', price: 5 }))
      await expect(invoke('quote', { count: 2 }, row.id)).rejects.toThrow(/line.quote answered/)
      const after = await engine.get({ actor: systemActor, module: 'line', id: row.id })
      expect(after.ok && after.value['price']).toBe(5)
    })
  }

  it('of a behaviour that nobody implements stops the boot with file, line, column and the name that was meant', async () => {
    await expect(open('', action, { behaviours: { quote_lines: () => undefined } })).rejects.toThrow(
      /line.yaml:10:5: actions.quote.call: calls "quote_line", which is no behaviour \(did you mean "quote_lines"\?\)/,
    )
  })
})
