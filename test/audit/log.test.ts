import { join } from 'node:path'
import { sql } from 'kysely'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { AuditEntry } from '#contract/audit.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { testsPostgres } from '#test/support/test-database.ts'
import { auditedEngine } from './audit-bench.ts'

type Bench = Awaited<ReturnType<typeof auditedEngine>>
let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})

async function openBench(): Promise<Bench> {
  const place = testsPostgres
    ? await emptySchema()
    : { url: join(temporaryFolder(), 'audit.db'), remove: async () => undefined }
  const opened = await auditedEngine(place.url)
  onTestFinished(async () => {
    await opened.database.close()
    await place.remove()
  })
  return opened
}

const entries = async (): Promise<AuditEntry[]> => {
  const all: AuditEntry[] = []
  for await (const entry of bench.engine.audit.each({})) all.push(entry)
  return all
}

const made = async (name: string, input: Record<string, unknown>): Promise<string> => {
  const outcome = await bench.write(name, input)
  if (!outcome.ok) throw new Error(outcome.message)
  return outcome.value.row.id
}

test('every create, update, custom action and delete is in the log, and what changes nothing is not', async () => {
  const id = await made('city.create', { name: 'Lagos' })
  await bench.write('city.update', { name: 'Accra' }, id)
  await bench.write('city.update', { name: 'Accra' }, id)
  await bench.write('city.delete', undefined, id)
  expect((await entries()).map(({ action, record_id, changes }) => [action, record_id, changes])).toEqual([
    ['city.create', id, '{"name":{"after":"Lagos"},"created_at":{"after":"2026-11-21T00:00:00.000Z"}}'],
    ['city.update', id, '{"name":{"before":"Lagos","after":"Accra"}}'],
    ['city.delete', id, '{"name":{"before":"Accra"},"created_at":{"before":"2026-11-21T00:00:00.000Z"}}'],
  ])
})

test('a record that goes with another one has its own entry', async () => {
  const org = await made('organization.create', { name: 'Acme' })
  const parent = await made('note.create', { organization_id: org, title: 'parent' })
  const child = await made('note.create', { organization_id: org, title: 'child', parent_id: parent })
  await bench.write('note.delete', undefined, parent)
  const deleted = (await entries()).filter(({ action }) => action === 'note.delete')
  expect(new Set(deleted.map(({ record_id }) => record_id))).toEqual(new Set([parent, child]))
})

test('secrets, passwords and internal values are nowhere in the log; that they changed is', async () => {
  const org = await made('organization.create', { name: 'Acme' })
  const id = await made('note.create', {
    organization_id: org,
    title: 'x',
    token: 'tok-very-secret',
    password: 'pass-very-secret',
    digest: 'digest-very-secret',
  })
  await bench.write('note.update', { token: 'tok-other-secret', digest: 'digest-other-secret' }, id)
  const text = JSON.stringify(await entries())
  expect(text).not.toMatch(/very-secret|other-secret/)
  const changes = (await entries()).slice(-2).map((entry) => JSON.parse(entry.changes))
  expect(changes[0]).toMatchObject({ token: { is_changed: true }, password: { is_changed: true } })
  expect(changes[1]).toEqual({ token: { is_changed: true } })
  expect(text).not.toContain('"digest')
})

test('a long value is kept as its digest', async () => {
  const org = await made('organization.create', { name: 'Acme' })
  await made('note.create', { organization_id: org, title: 'x', text: 'long '.repeat(10_000) })
  const last = (await entries()).at(-1)
  expect(last?.changes.length).toBeLessThan(600)
  expect(JSON.parse(last?.changes ?? '').text.after).toEqual({
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    characters: 50_000,
  })
})

test('nothing is kept of a write that was refused or undone, also not of what it had written inside', async () => {
  const org = await made('organization.create', { name: 'Acme' })
  const id = await made('note.create', { organization_id: org, title: 'x' })
  const before = await entries()
  expect((await bench.write('note.close', {}, id)).ok).toBe(false)
  expect((await bench.write('note.create', { title: 'no organization' })).ok).toBe(false)
  expect(await entries()).toEqual(before)
})

test('a module that says so leaves no trace', async () => {
  await made('beat.create', { count: 1 })
  expect(await entries()).toEqual([])
})

test('each organization has a chain of its own, which the chain of the instance announces', async () => {
  const a = await made('organization.create', { name: 'A' })
  const b = await made('organization.create', { name: 'B' })
  await made('note.create', { organization_id: a, title: 'x' })
  await made('city.create', { name: 'Lagos' })
  const lines = (await entries()).map(({ chain, seq, action, record_id }) => [chain, seq, action, record_id])
  expect(lines.map(([chain, seq, action]) => [chain, seq, action])).toEqual([
    ['instance', 1, 'open_chain'],
    [a, 1, 'organization.create'],
    ['instance', 2, 'open_chain'],
    [b, 1, 'organization.create'],
    [a, 2, 'note.create'],
    ['instance', 3, 'city.create'],
  ])
  expect(await bench.engine.audit.verify()).toMatchObject({ is_intact: true, entries: 6, chains: 3 })
})

test('an entry names who acted, from where, and the operator behind an impersonation', async () => {
  const org = await made('organization.create', { name: 'A' })
  const id = await made('note.create', { organization_id: org, title: 'x' })
  bench.circumstances.origin = { ip: '203.0.113.9', userAgent: 'curl/8' }
  await bench.write('note.update', { title: 'y' }, id, {
    kind: 'member',
    id: 'usr_1',
    organizationId: org,
    role: 'admin',
    impersonatedBy: 'opr_9',
  })
  bench.circumstances.origin = {
    ip: '203.0.113.9',
    userAgent: 'curl/8',
    actor: { kind: 'member', id: 'usr_2' },
  }
  await bench.write('note.update', { title: 'z' }, id)
  expect((await entries()).slice(-2)).toMatchObject([
    {
      actor_kind: 'member',
      actor_id: 'usr_1',
      operator_id: 'opr_9',
      ip: '203.0.113.9',
      user_agent: 'curl/8',
      request_id: 'req_1',
    },
    { actor_kind: 'member', actor_id: 'usr_2', operator_id: null },
  ])
})

test('what was found can be narrowed down, and pages go on where the last one ended', async () => {
  const org = await made('organization.create', { name: 'A' })
  for (const title of ['1', '2', '3', '4', '5']) await made('note.create', { organization_id: org, title })
  await made('city.create', { name: 'Lagos' })
  const { audit } = bench.engine
  const first = await audit.list({ chain: org, action: 'note.create' }, { limit: 2 })
  const second = await audit.list(
    { chain: org, action: 'note.create' },
    { limit: 4, ...(first.next === undefined ? {} : { before: first.next }) },
  )
  const titles = [...first.items, ...second.items].map(({ changes }) => JSON.parse(changes).title.after)
  expect(titles).toEqual(['5', '4', '3', '2', '1'])
  expect(second.next).toBeUndefined()
  expect((await audit.list({ from: '2026-11-22T00:00:00.000Z' }, { limit: 9 })).items).toEqual([])
  expect((await audit.list({ until: '2026-11-21T00:00:00.000Z' }, { limit: 9 })).items).toEqual([])
  expect((await audit.list({ module: 'city' }, { limit: 9 })).items).toHaveLength(1)
})

test('the database itself refuses to change, delete or empty the log, and to move an end back', async () => {
  await made('city.create', { name: 'Lagos' })
  await made('city.create', { name: 'Accra' })
  const { db } = bench.database
  const attempts = [
    sql`update audit_entries set actor_id = 'nobody'`,
    sql`delete from audit_entries where seq = 2`,
    sql`update audit_chains set seq = 1`,
    sql`update audit_chains set hash = 'other'`,
    sql`delete from audit_chains`,
    ...(testsPostgres ? [sql`truncate audit_entries`, sql`truncate audit_chains`] : []),
  ]
  for (const attempt of attempts) await expect(attempt.execute(db)).rejects.toThrow('append-only')
  expect(await bench.engine.audit.verify()).toMatchObject({ is_intact: true, entries: 2 })
})
