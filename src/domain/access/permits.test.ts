import { expect, test } from 'vitest'
import type { Actor } from '#contract/actor.ts'
import { type GuardedAction, permits } from './permits.ts'

const kinds = ['list', 'get', 'create', 'update', 'delete', 'custom'] as const
const action = (kind: GuardedAction['kind'], isInternal = false): GuardedAction => ({
  name: kind,
  kind,
  isInternal,
  auth: ['admin'],
})
const moduleNamed = (
  name: string,
  scope: 'instance' | 'organization' = 'instance',
  fields: string[] = [],
) => ({
  name,
  scope,
  fields: new Set(fields),
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
    const permitted = kinds.filter((kind) => permits(actor, moduleNamed(module), action(kind)))
    expect(permitted).toEqual(may)
  })
}

test('an internal action is closed to every operator and open to the system', () => {
  for (const kind of kinds) {
    for (const role of ['superadmin', 'support', 'billing'] as const) {
      expect(permits(operator(role), moduleNamed('plan'), action(kind, true))).toBe(false)
    }
    expect(permits({ kind: 'system', id: 'system' }, moduleNamed('plan'), action(kind, true))).toBe(true)
  }
})

const member = (role: 'owner' | 'admin' | 'member', organizationId = 'org_1'): Actor => ({
  kind: 'member',
  id: 'usr_1',
  organizationId,
  role,
})
const open = (kind: GuardedAction['kind'], ...auth: string[]): GuardedAction => ({ ...action(kind), auth })
const mine = { id: 'tkt_1', organization_id: 'org_1', user_id: 'usr_1' }
const tickets = moduleNamed('ticket', 'organization', ['user_id'])

test('a member may nothing that the module does not open to them', () => {
  for (const kind of kinds) expect(permits(member('owner'), tickets, action(kind), mine)).toBe(false)
})

test('a role opens an action to those who have it and to those above, and to nobody of another organization', () => {
  const close = open('custom', 'role:admin')
  const answers = (['owner', 'admin', 'member'] as const).map((role) =>
    permits(member(role), tickets, close, mine),
  )
  expect(answers).toEqual([true, true, false])
  expect(permits(member('owner', 'org_2'), tickets, close, mine)).toBe(false)
})

test('an internal action stays closed to members, whatever its auth says', () => {
  expect(permits(member('owner'), tickets, { ...open('get', 'role:member'), isInternal: true }, mine)).toBe(
    false,
  )
})

test('self opens the records that are about the user, and a list of nothing else', () => {
  const self = open('get', 'self_or_admin')
  expect(permits(member('member'), tickets, self, mine)).toBe(true)
  expect(permits(member('member'), tickets, self, { ...mine, user_id: 'usr_2' })).toBe(false)
  expect(permits(member('member'), tickets, open('list', 'self_or_admin'))).toEqual([
    { field: 'user_id', op: 'eq', value: 'usr_1' },
  ])
  expect(permits(member('member'), moduleNamed('user'), open('list', 'self_or_admin'))).toEqual([
    { field: 'id', op: 'eq', value: 'usr_1' },
  ])
  expect(permits(member('member'), moduleNamed('plan'), open('list', 'self_or_admin'))).toBe(false)
})

test("an action's auth opens it to a role of operators, too", () => {
  expect(permits(operator('billing'), tickets, open('custom', 'role:billing'), mine)).toBe(true)
  expect(permits(operator('support'), tickets, open('custom', 'role:billing'), mine)).toBe(false)
})
