import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditEntry } from '#contract/audit.ts'
import { hashOf } from '#core/audit/hash.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { auditedEngine } from './audit-bench.ts'

const triggers = [
  'audit_entries_no_update',
  'audit_entries_no_delete',
  'audit_chains_forward',
  'audit_chains_no_delete',
]

/** A log with two organizations, and the hands of whoever owns its file, which no trigger stops. */
async function openLog(key = 7) {
  const path = join(temporaryFolder(), 'audit.db')
  const bench = await auditedEngine(path, { key })
  onTestFinished(bench.database.close)
  const ids: string[] = []
  for (const name of ['A', 'B']) {
    const made = await bench.write('organization.create', { name })
    if (made.ok) ids.push(made.value.row.id)
  }
  for (let count = 0; count < 12; count += 1) {
    await bench.write('note.create', { organization_id: ids[count % 2], title: `note ${count}` })
    await bench.write('city.create', { name: `city ${count}` })
  }
  const { audit } = bench.engine
  expect(await audit.verify()).toMatchObject({ is_intact: true, entries: 28, chains: 3 })
  const hands = new DatabaseSync(path)
  onTestFinished(() => hands.close())
  for (const name of triggers) hands.exec(`drop trigger ${name}`)
  const entries = (): AuditEntry[] =>
    hands.prepare('select * from audit_entries order by position').all() as never
  return { audit, hands, entries, ids, path }
}

const put = (
  hands: DatabaseSync,
  entry: AuditEntry,
  columns: readonly string[] = Object.keys(entry),
): void => {
  hands
    .prepare(`update audit_entries set ${columns.map((name) => `${name} = ?`).join(', ')} where position = ?`)
    .run(...columns.map((name) => entry[name as keyof AuditEntry]), entry.position)
}

const textColumns = [
  'at',
  'actor_kind',
  'actor_id',
  'operator_id',
  'action',
  'outcome',
  'module',
  'record_id',
  'changes',
  'request_id',
  'ip',
  'user_agent',
  'previous_hash',
  'hash',
] as const

test('a changed value is found, whichever column of whichever entry it is in', async () => {
  const { audit, hands, entries } = await openLog()
  const all = entries()
  for (const column of textColumns) {
    const victim = all[randomInt(all.length)] as AuditEntry
    put(hands, { ...victim, [column]: `${victim[column] ?? ''}x` }, [column])
    const report = await audit.verify()
    expect(report.is_intact, column).toBe(false)
    expect(report.problems.map(({ chain }) => chain)).toContain(victim.chain)
    put(hands, victim, [column])
  }
  expect((await audit.verify()).is_intact).toBe(true)
})

test('any removed, repeated, exchanged or moved entry is found', async () => {
  const ways: Record<string, (hands: DatabaseSync, victim: AuditEntry, other: AuditEntry) => void> = {
    removed: (hands, victim) =>
      hands.prepare('delete from audit_entries where position = ?').run(victim.position),
    'renumbered after a removal': (hands, victim) => {
      hands.prepare('delete from audit_entries where position = ?').run(victim.position)
      hands
        .prepare('update audit_entries set seq = seq - 1 where chain = ? and seq > ?')
        .run(victim.chain, victim.seq)
    },
    exchanged: (hands, victim, other) => {
      const { position, seq, ...first } = victim
      const { position: at, seq: place, ...second } = other
      put(hands, { ...second, position, seq })
      put(hands, { ...first, position: at, seq: place })
    },
    moved: (hands, victim) =>
      hands.prepare('update audit_entries set position = -position where position = ?').run(victim.position),
    'taken into another chain': (hands, victim) =>
      hands
        .prepare('update audit_entries set chain = ? where position = ?')
        .run('org_other', victim.position),
  }
  for (const [way, tamper] of Object.entries(ways))
    for (let turn = 0; turn < 4; turn += 1) {
      const { audit, hands, entries } = await openLog()
      const all = entries().filter(({ chain }) => chain === 'instance')
      const at = randomInt(all.length)
      const other = all[(at + 1 + randomInt(all.length - 1)) % all.length] as AuditEntry
      tamper(hands, all[at] as AuditEntry, other)
      expect((await audit.verify()).is_intact, `${way} at ${at}`).toBe(false)
    }
})

/** Everything after a place, made anew with right hashes: what somebody does who knows the format, but not the key. */
function rewrite(
  hands: DatabaseSync,
  entries: AuditEntry[],
  chain: string,
  change: (entry: AuditEntry) => AuditEntry,
) {
  let previous = ''
  let seq = 0
  for (const entry of entries.filter((one) => one.chain === chain)) {
    const unhashed = { ...change(entry), previous_hash: previous }
    const hash = hashOf(unhashed)
    put(hands, { ...unhashed, hash })
    previous = hash
    seq = entry.seq
  }
  hands.prepare('update audit_chains set seq = ?, hash = ? where chain = ?').run(seq, previous, chain)
}

test('a chain that was written anew with right hashes is found: its end is not sealed by us', async () => {
  const { audit, hands, entries } = await openLog()
  rewrite(hands, entries(), 'instance', (entry) => ({ ...entry, actor_id: 'somebody-else' }))
  expect((await audit.verify()).problems).toEqual([
    expect.objectContaining({ chain: 'instance', problem: 'the end of the chain is not sealed by us' }),
  ])
})

test('a cut-off end is found, with and without its seal, and so is an entry put behind it', async () => {
  for (const cut of [1, 3, 13]) {
    const { audit, hands } = await openLog()
    hands.prepare("delete from audit_entries where chain = 'instance' and seq > ?").run(14 - cut)
    expect((await audit.verify()).problems).toContainEqual(
      expect.objectContaining({ problem: expect.stringContaining('are missing at the end') }),
    )
    hands.exec("delete from audit_chains where chain = 'instance'")
    expect((await audit.verify()).is_intact).toBe(false)
  }
  const { audit, hands, entries } = await openLog()
  const last = entries().findLast(({ chain }) => chain === 'instance') as AuditEntry
  const forged = { ...last, seq: last.seq + 1, previous_hash: last.hash, actor_id: 'forged' }
  const { position: _, ...row } = { ...forged, hash: hashOf(forged) }
  const names = Object.keys(row)
  hands
    .prepare(`insert into audit_entries (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`)
    .run(...(Object.values(row) as string[]))
  expect((await audit.verify()).problems).toContainEqual(
    expect.objectContaining({ problem: `entries after ${last.seq} were added by somebody else` }),
  )
})

test('a chain that was taken out as a whole is found', async () => {
  const { audit, hands, ids } = await openLog()
  hands.prepare('delete from audit_entries where chain = ?').run(ids[0] ?? '')
  hands.prepare('delete from audit_chains where chain = ?').run(ids[0] ?? '')
  expect((await audit.verify()).problems).toContainEqual(expect.objectContaining({ chain: ids[0] }))
})

test('a whole log put back to an earlier state fits its seals, and is found by an end that was kept outside', async () => {
  const { audit, hands } = await openLog()
  const sealed = hands
    .prepare("select * from audit_chains where chain = 'instance'")
    .get() as never as AuditEntry & {
    seal: string
  }
  const bench = audit
  await bench.note({
    actor: { kind: 'operator', id: 'opr_1' },
    action: 'sign_in',
    outcome: 'invalid_credentials',
    requestId: 'req_2',
  })
  const kept = (await audit.verify()).ends
  hands.prepare("delete from audit_entries where chain = 'instance' and seq > ?").run(sealed.seq)
  hands
    .prepare("update audit_chains set seq = ?, hash = ?, seal = ? where chain = 'instance'")
    .run(sealed.seq, sealed.hash, sealed.seal)
  expect((await audit.verify()).is_intact).toBe(true)
  const report = await audit.verify(kept)
  expect(report.problems).toEqual([
    { chain: 'instance', seq: sealed.seq + 1, problem: 'was kept outside and is missing' },
  ])
})

test('a log that is sealed under another key is not ours', async () => {
  const { path } = await openLog()
  const other = await auditedEngine(path, { key: 8 })
  onTestFinished(other.database.close)
  expect((await other.engine.audit.verify()).problems).toHaveLength(3)
})
