import { describe, expect, it } from 'vitest'
import type { Actor } from '#contract/actor.ts'
import { systemActor } from '#contract/actor.ts'
import { Fault, refuse } from '#contract/outcome.ts'
import type { Behaviour } from '#ports/behaviour.ts'
import { testEngine } from '#test/support/test-engine.ts'
import type { Call, Engine } from '../engine.ts'
import { etagOf } from './etag.ts'
import type { Authorize } from './runtime.ts'

const operator: Actor = { kind: 'operator', id: 'opr_1', role: 'superadmin' }

const plan = `
module: plan
meta: { id_prefix: pln }
schema:
  name:     { type: string, required: true, unique: true, lookup: true, max: 10 }
  price:    { type: int, default: 5, min: 0 }
  currency: { type: string, immutable: true, default: USD }
  trial:    { type: int }
  rank:     { type: int, internal: true, default: 1 }
  sold_at:  { type: timestamp, internal_write: true }
  secret:   { type: secret }
  password: { type: string, write_only: true, min: 3 }
  parent_id: { type: ref, to: plan }
  tags:     { type: json }
`

interface Answer {
  readonly id: string
  readonly [field: string]: unknown
}

const call = (
  action: string,
  id: string | undefined,
  input: Record<string, unknown> = {},
  actor: Actor = operator,
): Call => ({
  actor,
  requestId: 'req',
  module: 'plan',
  action,
  input,
  ...(id === undefined ? {} : { id }),
})

async function done(engine: Engine, request: Call): Promise<Answer> {
  const outcome = await engine.invoke(request)
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value.row
}

const create = (engine: Engine, input: Record<string, unknown>, actor: Actor = operator) =>
  done(engine, call('create', undefined, input, actor))

describe('creating', () => {
  it('answers the record as it is shown: defaults filled in, nothing hidden', async () => {
    const { engine, told } = await testEngine({ 'plan.yaml': plan })
    const row = await create(engine, { name: 'free', secret: 'hush', password: 'abc', tags: ['a'] })
    expect(row).toEqual({
      id: expect.stringMatching(/^pln_[0-9a-z]{26}$/),
      name: 'free',
      price: 5,
      currency: 'USD',
      trial: null,
      sold_at: null,
      parent_id: null,
      tags: ['a'],
      created_at: '2026-01-15T12:00:00.000Z',
      updated_at: '2026-01-15T12:00:00.000Z',
    })
    expect(await engine.records.get('plan', row.id)).toMatchObject({ rank: 1, secret: 'hush' })
    expect(told).toMatchObject([
      { seq: 1, type: 'plan.created', module: 'plan', record_id: row.id, data: row },
    ])
  })

  it('names every field at fault at once, and tells nobody', async () => {
    const { engine, told } = await testEngine({ 'plan.yaml': plan })
    const input = {
      nam: 'x',
      price: 'ten',
      trial: 1.5,
      rank: 2,
      sold_at: null,
      id: 'pln_1',
      parent_id: 'nobody',
      tags: 'a',
    }
    const outcome = await engine.invoke(call('create', undefined, input))
    expect(outcome).toMatchObject({ ok: false, code: 'validation_error' })
    expect(!outcome.ok && outcome.details?.['errors']).toEqual([
      { field: 'nam', reason: 'is not a field of plan (did you mean "name"?)' },
      { field: 'price', reason: 'must be a whole number' },
      { field: 'trial', reason: 'must be a whole number' },
      { field: 'rank', reason: expect.stringContaining('is not a field of plan') },
      { field: 'sold_at', reason: 'is set by the server' },
      { field: 'id', reason: 'is set by the server' },
      { field: 'tags', reason: 'must be a JSON object or list' },
      { field: 'name', reason: 'is required' },
      { field: 'parent_id', reason: 'does not exist' },
    ])
    expect(told).toEqual([])
  })

  it('lets only the system set internal fields', async () => {
    const { engine } = await testEngine({ 'plan.yaml': plan })
    const row = await create(engine, { name: 'free', rank: 9, sold_at: '2026-01-01' }, systemActor)
    expect(await engine.records.get('plan', row.id)).toMatchObject({
      rank: 9,
      sold_at: '2026-01-01T00:00:00.000Z',
    })
  })

  it('takes a lookup value for a ref', async () => {
    const { engine } = await testEngine({ 'plan.yaml': plan })
    const free = await create(engine, { name: 'free' })
    expect(await create(engine, { name: 'pro', parent_id: 'free' })).toMatchObject({ parent_id: free.id })
  })

  it('lets one of two concurrent creates have a unique value, and tells only of that one', async () => {
    const { engine, types } = await testEngine({ 'plan.yaml': plan })
    const outcomes = await Promise.all(
      [1, 2].map(() => engine.invoke(call('create', undefined, { name: 'free' }))),
    )
    expect(outcomes.map((outcome) => (outcome.ok ? 'made' : outcome.code)).sort()).toEqual([
      'conflict',
      'made',
    ])
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ details: { field: 'name' } })
    expect(types()).toEqual(['plan.created'])
  })
})

describe('updating', () => {
  it('changes what is given, by id or lookup value, and puts a default back for null', async () => {
    const { engine, time, told } = await testEngine({ 'plan.yaml': plan })
    const made = await create(engine, { name: 'free', price: 9, trial: 3 })
    time.now += 1000
    const row = await done(engine, call('update', 'free', { price: null, trial: null }))
    expect(row).toEqual({ ...made, price: 5, trial: null, updated_at: '2026-01-15T12:00:01.000Z' })
    expect(told.at(-1)).toMatchObject({ seq: 2, type: 'plan.updated', data: row })
  })

  it('succeeds without an event when nothing changes', async () => {
    const { engine, types } = await testEngine({ 'plan.yaml': plan })
    const made = await create(engine, { name: 'free', tags: { a: 1 }, secret: 'hush' })
    for (const input of [{}, { name: 'free' }, { tags: { a: 1 } }, { secret: 'hush' }, { currency: 'USD' }]) {
      expect(await done(engine, call('update', made.id, input))).toEqual(made)
    }
    expect(types()).toEqual(['plan.created'])
  })

  const refused: [what: string, input: Record<string, unknown>, problem: object][] = [
    [
      'a new value for an immutable field',
      { currency: 'EUR' },
      { field: 'currency', reason: 'cannot be changed' },
    ],
    ['nothing for a required field', { name: null }, { field: 'name', reason: 'is required' }],
    ['a value outside the bounds', { price: -1 }, { field: 'price', reason: 'must be at least 0' }],
    ['a write-only value that is not valid', { password: 'a' }, { field: 'password' }],
    [
      'a time of the server',
      { created_at: '2020-01-01' },
      { field: 'created_at', reason: 'is set by the server' },
    ],
  ]
  for (const [what, input, details] of refused) {
    it(`refuses ${what}, changes nothing and tells nobody`, async () => {
      const { engine, types } = await testEngine({ 'plan.yaml': plan })
      const made = await create(engine, { name: 'free' })
      const outcome = await engine.invoke(call('update', made.id, { trial: 7, ...input }))
      expect(outcome).toMatchObject({ ok: false, code: 'validation_error', details })
      expect(await engine.get({ actor: operator, module: 'plan', id: 'free' })).toEqual({
        ok: true,
        value: made,
      })
      expect(types()).toEqual(['plan.created'])
    })
  }

  it('refuses an ETag of an older state, and takes the one of this state', async () => {
    const { engine } = await testEngine({ 'plan.yaml': plan })
    const made = await create(engine, { name: 'free' })
    const first = { ...call('update', made.id, { price: 1 }), ifMatch: etagOf(made) }
    expect((await engine.invoke(first)).ok).toBe(true)
    const second = { ...call('update', made.id, { price: 2 }), ifMatch: etagOf(made) }
    expect(await engine.invoke(second)).toMatchObject({ ok: false, code: 'precondition_failed' })
    expect((await engine.invoke({ ...second, ifMatch: '*' })).ok).toBe(true)
  })
})

describe('deleting', () => {
  it('removes the record and tells its last state', async () => {
    const { engine, told } = await testEngine({ 'plan.yaml': plan })
    const made = await create(engine, { name: 'free' })
    expect(await done(engine, call('delete', 'free'))).toEqual(made)
    expect(told.at(-1)).toMatchObject({ type: 'plan.deleted', data: made })
    expect(await engine.invoke(call('delete', made.id))).toMatchObject({ ok: false, code: 'not_found' })
  })
})

describe('who may', () => {
  const own: Authorize = (actor, _module, action, row) =>
    actor.kind === 'system' ||
    (row === undefined
      ? action.kind === 'get'
      : (actor.kind === 'operator' && row['name'] === actor.id) || action.kind === 'list')
  const mine: Actor = { kind: 'operator', id: 'mine', role: 'support' }

  it('answers the same for a record that is not theirs and one that is not there', async () => {
    const { engine } = await testEngine({ 'plan.yaml': plan }, { authorize: own })
    const other = await create(engine, { name: 'other' }, systemActor)
    await create(engine, { name: 'mine' }, systemActor)
    for (const action of ['update', 'delete']) {
      const theirs = await engine.invoke(call(action, other.id, {}, mine))
      expect(theirs).toEqual(await engine.invoke(call(action, 'pln_nobody', {}, mine)))
      expect(theirs).toMatchObject({ ok: false, code: 'not_found' })
    }
    expect(await engine.get({ actor: mine, module: 'plan', id: 'other' })).toEqual(
      await engine.get({ actor: mine, module: 'plan', id: 'nobody' }),
    )
    const referred = await engine.invoke(call('update', 'mine', { parent_id: 'other' }, mine))
    expect(referred).toMatchObject({ ok: false, details: { field: 'parent_id', reason: 'does not exist' } })
  })

  it('refuses create and list outright, and the change of a record that may only be looked at', async () => {
    const { engine, told } = await testEngine(
      { 'plan.yaml': plan },
      { authorize: (actor, _module, action) => actor.kind === 'system' || action.kind === 'get' },
    )
    await create(engine, { name: 'free' }, systemActor)
    told.length = 0
    const outcomes = [
      await engine.invoke(call('create', undefined, { name: 'x' })),
      await engine.list({ actor: operator, module: 'plan', query: {} }),
      await engine.invoke(call('update', 'free', { price: 1 })),
    ]
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: false, code: 'permission_denied' })
    expect(told).toEqual([])
  })

  it('does not know modules and actions that are not there, nor reads as writes', async () => {
    const { engine } = await testEngine({ 'plan.yaml': plan })
    const requests = [
      { ...call('create', undefined), module: 'planet' },
      call('explode', 'x'),
      call('list', 'x'),
    ]
    for (const request of requests)
      expect(await engine.invoke(request)).toMatchObject({ ok: false, code: 'not_found' })
    expect(await engine.invoke(call('update', undefined))).toMatchObject({
      ok: false,
      code: 'invalid_request',
    })
  })
})

describe('hooks', () => {
  const hooked = (hooks: string, actions = ''): Record<string, string> => ({
    'plan.yaml': `${plan}${actions}hooks:\n${hooks}`,
    'log.yaml': 'module: log\nschema:\n  text: { type: string, unique: true }\n  at: { type: timestamp }\n',
  })
  const write =
    (text: string): Behaviour =>
    async ({ invoke }) => {
      const written = await invoke({ module: 'log', action: 'create', input: { text } })
      return written.ok ? undefined : written
    }
  const logged = async (engine: Engine) => {
    const page = await engine.list({ actor: operator, module: 'log', query: {} })
    return page.ok ? page.value.items.map((row) => row['text']) : []
  }

  it('run in the order of the YAML around the write, and the events follow the same order', async () => {
    const seen: unknown[] = []
    const see =
      (name: string): Behaviour =>
      ({ id, input, before, after, now }) => {
        seen.push([name, id.startsWith('pln_'), input['price'], before?.['price'], after?.['price'], now])
      }
    const { engine, time, told } = await testEngine(
      hooked(
        '  before_create: [{ call: first }, { set: { price: 7 } }, { emit: plan.wanted }, { call: write_before }]\n' +
          '  after_create: [{ call: last }, { set: { trial: 2 } }, { emit: plan.ready }, { emit: plan.created }, { call: write_after }]\n',
      ),
      {
        behaviours: {
          first: see('before'),
          last: see('after'),
          write_before: write('one'),
          write_after: write('two'),
        },
      },
    )
    const row = await create(engine, { name: 'free' })
    expect(seen).toEqual([
      ['before', true, 5, undefined, undefined, time.now],
      ['after', true, 7, undefined, 7, time.now],
    ])
    expect(row).toMatchObject({ price: 7, trial: 2 })
    expect(told.map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      '1 log.created',
      '2 plan.created',
      '3 plan.wanted',
      '4 plan.ready',
      '5 log.created',
    ])
    expect(told.filter(({ module }) => module === 'plan').map(({ data }) => data)).toEqual([row, row, row])
  })

  it('may set internal fields in a before hook, and reveal a value once that is never stored', async () => {
    const answering = 'actions: { create: { output: [{ name: token, type: secret }] } }\n'
    const { engine } = await testEngine(hooked('  before_create: [{ call: issue }]\n', answering), {
      behaviours: {
        issue: ({ input, revealOnce }) => {
          input['rank'] = 42
          revealOnce('token', 'shown once')
        },
      },
    })
    const outcome = await engine.invoke(call('create', undefined, { name: 'free' }))
    expect(outcome.ok && outcome.value.once).toEqual({ token: 'shown once' })
    expect(await engine.get({ actor: operator, module: 'plan', id: 'free' })).not.toHaveProperty(
      'value.token',
    )
    expect(await engine.records.getBy('plan', 'name', 'free')).toMatchObject({ rank: 42 })
  })

  it('cannot store what the fields forbid', async () => {
    const { engine } = await testEngine(hooked('  before_create: [{ call: spoil }]\n'), {
      behaviours: {
        spoil: ({ input }) => {
          input['price'] = -1
          input['name'] = null
        },
      },
    })
    const outcome = await engine.invoke(call('create', undefined, { name: 'free' }))
    expect(!outcome.ok && outcome.details?.['errors']).toEqual([
      { field: 'price', reason: 'must be at least 0' },
      { field: 'name', reason: 'is required' },
    ])
  })

  for (const when of ['before', 'after'] as const) {
    it(`roll back everything, nested writes too, when a ${when} hook refuses; nobody is told`, async () => {
      const { engine, told, db } = await testEngine(
        hooked(`  ${when}_create: [{ call: write }, { call: stop }]\n`),
        {
          behaviours: { write: write('one'), stop: () => refuse('illegal_transition', 'Not today') },
        },
      )
      const outcome = await engine.invoke(call('create', undefined, { name: 'free' }))
      expect(outcome).toEqual({ ok: false, code: 'illegal_transition', message: 'Not today' })
      expect(await logged(engine)).toEqual([])
      expect(await engine.get({ actor: operator, module: 'plan', id: 'free' })).toMatchObject({ ok: false })
      expect(await db.selectFrom('events').selectAll().execute()).toEqual([])
      expect(told).toEqual([])
    })
  }

  it('roll back everything when a behaviour fails, and the failure reaches the caller', async () => {
    const { engine, told } = await testEngine(hooked('  after_create: [{ call: write }, { call: fail }]\n'), {
      behaviours: { write: write('one'), fail: () => Promise.reject(new Error('broken')) },
    })
    await expect(engine.invoke(call('create', undefined, { name: 'free' }))).rejects.toThrow('broken')
    expect(await logged(engine)).toEqual([])
    expect(told).toEqual([])
    await expect(engine.invoke(call('create', undefined, { name: 'free' }))).rejects.toThrow('broken')
  })

  it('may go on after a nested refusal, of which nothing remains', async () => {
    const { engine, types } = await testEngine(
      {
        ...hooked('  before_create: [{ call: try }]\n'),
        'log.yaml':
          'module: log\nschema:\n  text: { type: string }\nhooks:\n  after_create: [{ call: nest }, { call: stop }]\n',
        'deep.yaml': 'module: deep\nschema:\n  text: { type: string }\n',
      },
      {
        behaviours: {
          try: async ({ invoke }) => {
            const [first, second] = await Promise.all(
              [1, 2].map(() => invoke({ module: 'log', action: 'create' })),
            )
            expect([first?.ok, second?.ok]).toEqual([false, false])
            return undefined
          },
          nest: async ({ invoke }) => {
            const made = await invoke({ module: 'deep', action: 'create' })
            return made.ok ? undefined : made
          },
          stop: () => refuse('conflict', 'no'),
        },
      },
    )
    await create(engine, { name: 'free' })
    expect(types()).toEqual(['plan.created'])
    for (const module of ['log', 'deep']) {
      expect(await engine.list({ actor: operator, module, query: {} })).toEqual({
        ok: true,
        value: { items: [] },
      })
    }
  })

  it('that write the same record are seen in the answer and its event', async () => {
    const { engine, told } = await testEngine(hooked('  after_create: [{ call: again }]\n'), {
      behaviours: {
        again: async ({ id, invoke }) => {
          const changed = await invoke({ module: 'plan', action: 'update', id, input: { price: 99 } })
          return changed.ok ? undefined : changed
        },
      },
    })
    expect(await create(engine, { name: 'free' })).toMatchObject({ price: 99 })
    expect(told.map(({ type, data }) => [type, data['price']])).toEqual([
      ['plan.created', 99],
      ['plan.updated', 99],
    ])
  })

  it('that call each other without end are a fault and leave nothing', async () => {
    const { engine, told } = await testEngine(hooked('  after_create: [{ call: more }]\n'), {
      behaviours: {
        more: async ({ id, invoke }) => {
          const made = await invoke({ module: 'plan', action: 'create', input: { name: id.slice(-10) } })
          return made.ok ? undefined : made
        },
      },
    })
    await expect(engine.invoke(call('create', undefined, { name: 'free' }))).rejects.toThrow(Fault)
    expect(told).toEqual([])
  })

  it('of unknown behaviours stop the boot with file, line and field', async () => {
    await expect(
      testEngine(hooked('  before_create: [{ call: wirte }]\n'), { behaviours: { write: write('x') } }),
    ).rejects.toThrow(
      /plan.yaml:16:19: hooks.before_create: calls "wirte", which is no behaviour \(did you mean "write"\?\)/,
    )
    await expect(
      testEngine(hooked('  before_create: [{ call: something_else }]\n'), {
        behaviours: { write: write('x') },
      }),
    ).rejects.toThrow(
      /"something_else", which is no behaviour: export it among `behaviours` of plan.ts beside it/,
    )
  })

  const sell = `actions:
  sell:
    input: [{ name: buyer, type: string, required: true }, { name: count, type: int, default: 1 }]
    set: { sold_at: now(), price: 0 }
  hide: { internal: true }
`

  it('of a custom action see its parameters and what it sets, and its event tells the result', async () => {
    const seen: unknown[] = []
    const { engine, told } = await testEngine(
      hooked('  before_sell: [{ call: see }]\n  after_sell: [{ emit: plan.sold }]\n', sell),
      {
        behaviours: { see: ({ input }) => void seen.push({ ...input }) },
      },
    )
    await create(engine, { name: 'free' })
    const row = await done(engine, call('sell', 'free', { buyer: 'jo' }))
    expect(seen).toEqual([{ buyer: 'jo', count: 1, sold_at: '2026-01-15T12:00:00.000Z', price: 0 }])
    expect(row).toMatchObject({ sold_at: '2026-01-15T12:00:00.000Z', price: 0 })
    expect(told.slice(1).map(({ type, data }) => [type, data])).toEqual([
      ['plan.sell', row],
      ['plan.sold', row],
    ])
    expect(await engine.invoke(call('sell', 'free', { price: 3 }))).toMatchObject({
      ok: false,
      details: {
        errors: [
          { field: 'price', reason: 'cannot be given to sell' },
          { field: 'buyer', reason: 'is required' },
        ],
      },
    })
  })
})

describe('commits', () => {
  it('are told to listeners in their order before the writer is answered, and a failing listener harms nobody', async () => {
    const { engine } = await testEngine({ 'plan.yaml': plan })
    const heard: string[] = []
    engine.onCommit(async () => {
      await Promise.resolve()
      throw new Error('deaf')
    })
    engine.onCommit(async (events) => {
      await new Promise((resolve) => setImmediate(resolve))
      heard.push(...events.map(({ data }) => String(data['name'])))
    })
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(
      names.map(async (name) => {
        await create(engine, { name })
        expect(heard).toContain(name)
      }),
    )
    expect(heard).toEqual(names)
  })

  it('take what beforeCommit writes with them, or leave it out with everything else', async () => {
    const { engine, db, told } = await testEngine({ 'plan.yaml': plan })
    const mark = (isBroken: boolean): Call => ({
      ...call('create', undefined, { name: isBroken ? 'two' : 'one' }),
      beforeCommit: async (transaction, { row }) => {
        await transaction.db
          .insertInto('apigate_meta')
          .values({ key: row.id, value: String(row['name']) })
          .execute()
        if (isBroken) throw new Error('too late')
      },
    })
    await done(engine, mark(false))
    await expect(engine.invoke(mark(true))).rejects.toThrow('too late')
    const marks = await db.selectFrom('apigate_meta').select('value').where('key', 'like', 'pln_%').execute()
    expect(marks.map(({ value }) => value)).toEqual(['one'])
    expect(told).toHaveLength(1)
  })

  it('can be followed from any point', async () => {
    const { engine, told } = await testEngine({ 'plan.yaml': plan })
    expect(await engine.lastSeq()).toBe(0)
    for (const name of ['a', 'b', 'c']) await create(engine, { name })
    expect(await engine.lastSeq()).toBe(3)
    expect(await engine.eventsSince(1, 10)).toEqual(told.slice(1))
    expect(await engine.eventsSince(0, 1)).toEqual(told.slice(0, 1))
  })
})
