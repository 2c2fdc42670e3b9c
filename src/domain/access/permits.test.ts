import { expect, test } from 'vitest'
import type { Actor } from '#contract/actor.ts'
import { type GuardedAction, permits } from './permits.ts'

const kinds = ['list', 'get', 'create', 'update', 'delete', 'custom'] as const
const action = (kind: GuardedAction['kind'], isInternal = false): GuardedAction => ({
  name: kind,
  kind,
  isInternal,
})
const operator = (role: 'superadmin' | 'support' | 'billing'): Actor => ({
  kind: 'operator',
  id: 'opr_1',
  role,
})

const allowed: [who: string, actor: Actor, module: string, kinds: readonly string[]][] = [
  ['the system', { kind: 'system', id: 'system' }, 'plan', kinds],
  ['a superadmin', operator('superadmin'), 'operator', kinds],
  ['support', operator('support'), 'plan', ['list', 'get']],
  ['support', operator('support'), 'api_key', ['list', 'get']],
  ['billing', operator('billing'), 'plan', ['list', 'get', 'create', 'update', 'custom']],
  ['billing', operator('billing'), 'subscription', ['list', 'get', 'create', 'update', 'custom']],
  ['billing', operator('billing'), 'operator', ['list', 'get']],
  ['billing', operator('billing'), 'operator_token', ['list', 'get']],
  ['billing', operator('billing'), 'constructor', ['list', 'get']],
  ['an anonymous caller', { kind: 'anonymous' }, 'plan', []],
]

for (const [who, actor, module, may] of allowed) {
  test(`${who} may ${may.join(', ') || 'nothing'} on ${module}, and nothing else`, () => {
    const permitted = kinds.filter((kind) => permits(actor, { name: module }, action(kind)))
    expect(permitted).toEqual(may)
  })
}

test('an internal action is closed to every operator and open to the system', () => {
  for (const kind of kinds) {
    for (const role of ['superadmin', 'support', 'billing'] as const) {
      expect(permits(operator(role), { name: 'plan' }, action(kind, true))).toBe(false)
    }
    expect(permits({ kind: 'system', id: 'system' }, { name: 'plan' }, action(kind, true))).toBe(true)
  }
})
