import { expect, it } from 'vitest'
import type { DomainEvent } from '#contract/events.ts'
import { routeTable } from '#domain/route/table.ts'
import { shardedMap } from '#domain/sharded-map.ts'
import { noSlowKeys } from '#domain/slow-keys.ts'
import type { BodyValidators } from '#ports/body-validator.ts'
import type { ExpressionCompiler } from '#ports/expression.ts'
import type { Records } from '#ports/records.ts'
import type { Snapshot } from '#ports/snapshot.ts'
import { createSnapshotFollower } from './follow-changes.ts'

const empty: Snapshot = {
  version: 1,
  routes: routeTable([]),
  keys: shardedMap(),
  slowKeys: noSlowKeys,
  organizations: shardedMap(),
  users: shardedMap(),
  subscriptions: shardedMap(),
  subscriptionIds: shardedMap(),
  plans: shardedMap(),
  settings: {
    maxBodyBytes: 1,
    allowsQueryKey: true,
    keyPrefix: 'ak_',
    webSocketIdleMs: 120_000,
    upgradeUrl: '/',
  },
}

const compilers = { expressions: {} as ExpressionCompiler, validators: {} as BodyValidators }

const changed = (module: string, id: string): DomainEvent => ({
  seq: 1,
  id: `evt_${id}`,
  type: `${module}.updated`,
  module,
  record_id: id,
  organization_id: null,
  data: {},
  at: '2026-11-20T12:00:00.000Z',
})

it('a record that cannot be read is told, and does not keep a suspension from the gateway', async () => {
  let snapshot = empty
  const failed: string[] = []
  const records = {
    get: async (module: string, id: string) => {
      if (id === 'usr_broken') throw new Error('sealed by another key')
      return { id, status: module === 'user' ? 'suspended' : 'active' }
    },
  } as unknown as Records
  const follow = createSnapshotFollower({
    source: { records, ...compilers },
    current: () => snapshot,
    replace: (next) => {
      snapshot = next
    },
    failed: (event) => failed.push(event.record_id),
  })
  await follow([changed('user', 'usr_broken'), changed('user', 'usr_1')])
  expect(failed).toEqual(['usr_broken'])
  expect(snapshot.users.get('usr_1')).toEqual({ isActive: false })
})

it('two changes at once are both in the snapshot', async () => {
  let snapshot = empty
  const records = {
    get: async (_module: string, id: string) => ({ id, status: 'active', spend_cap: null }),
  } as unknown as Records
  const follow = createSnapshotFollower({
    source: { records, ...compilers },
    current: () => snapshot,
    replace: (next) => {
      snapshot = next
    },
    failed: () => {},
  })
  await Promise.all([follow([changed('user', 'usr_1')]), follow([changed('organization', 'org_1')])])
  expect(snapshot.users.get('usr_1')).toEqual({ isActive: true })
  expect(snapshot.organizations.get('org_1')).toMatchObject({ isActive: true, subscriptionIds: [] })
})
