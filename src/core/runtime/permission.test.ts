import { expect, test } from 'vitest'
import { type Actor, systemActor } from '#contract/actor.ts'
import { testEngine } from '#test/support/test-engine.ts'
import type { Authorize } from './runtime.ts'

const actor: Actor = { kind: 'operator', id: 'mine', role: 'support' }
const files = {
  'box.yaml': `module: box
meta: { plural: Boxes }
schema:
  name:  { type: string, lookup: true }
  owner: { type: string, internal: true }
actions:
  open: { set: {} }
`,
}
/** Looks at an internal field, as a rule of the product may. */
const own: Authorize = (who, _module, action, row) =>
  who.kind === 'system' || (row === undefined ? action.kind === 'create' : row['owner'] === 'mine')

const start = async () => {
  const parts = await testEngine(files, { authorize: own })
  for (const owner of ['mine', 'theirs']) {
    const made = await parts.engine.invoke({
      actor: systemActor,
      requestId: 'r',
      module: 'box',
      action: 'create',
      input: { name: owner, owner },
    })
    if (!made.ok) throw new Error(made.message)
  }
  return parts
}

test('a permission says what invoke would say, and does nothing', async () => {
  const { engine, permission, told } = await start()
  const before = told.length
  const calls = [
    { module: 'box', action: 'open', id: 'mine' },
    { module: 'box', action: 'open', id: 'theirs' },
    { module: 'box', action: 'create', input: { name: 'new' } },
    { module: 'box', action: 'explode', id: 'mine' },
    { module: 'bax', action: 'open', id: 'mine' },
  ]
  const codes: string[] = []
  for (const call of calls) {
    const outcome = await permission({ actor, ...call })
    codes.push(outcome.ok ? 'yes' : outcome.code)
  }
  expect(codes).toEqual(['yes', 'not_found', 'yes', 'not_found', 'not_found'])
  expect(told).toHaveLength(before)
  for (const call of calls) {
    const outcome = await engine.invoke({ actor, requestId: 'r', ...call })
    expect(outcome.ok ? 'yes' : outcome.code).toBe(codes[calls.indexOf(call)])
  }
})

test('about a record that is gone the rule is asked for the action alone', async () => {
  const { permission } = await start()
  expect(await permission({ actor: systemActor, module: 'box', action: 'open', id: 'gone' })).toMatchObject({
    ok: true,
  })
  expect(await permission({ actor, module: 'box', action: 'open', id: 'gone' })).toMatchObject({
    code: 'permission_denied',
  })
})
