import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditEntry } from '#contract/audit.ts'
import { moduleFolder, temporaryFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { auditedEngine, auditedModules } from './audit-bench.ts'

const child = new URL('./writing-child.ts', import.meta.url).pathname
const places = {
  sqlite: async () => ({ url: join(temporaryFolder(), 'audit.db'), remove: async () => undefined }),
  postgres: emptySchema,
}

test.each(Object.entries(places))(
  'chains stay whole on %s while several processes write, and wherever they are killed',
  async (_name, open) => {
    const { url, remove } = await open()
    onTestFinished(remove)
    const modules = moduleFolder(auditedModules)
    const { engine, write, database } = await auditedEngine(url, { modules })
    onTestFinished(database.close)
    const organizations: string[] = []
    for (const name of ['A', 'B']) {
      const made = await write('organization.create', { name })
      if (made.ok) organizations.push(made.value.row.id)
    }
    const answered: string[] = []
    for (const [processes, killAfter] of [
      [2, 30],
      [3, 60],
    ] as const) {
      let count = 0
      const running = Array.from({ length: processes }, () =>
        spawn(process.execPath, [child, url, modules, ...organizations], {
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      )
      await Promise.all(
        running.map(async (one) => {
          for await (const line of createInterface(one.stdout)) {
            answered.push(line)
            count += 1
            if (count === killAfter) for (const each of running) each.kill('SIGKILL')
          }
        }),
      )
    }
    const kept = new Map<string, string[]>()
    for await (const { record_id: id, action } of engine.audit.each({ module: 'note' }))
      kept.set(id ?? '', [...(kept.get(id ?? '') ?? []), action])
    for (const id of answered) expect(kept.get(id)).toEqual(['note.create', 'note.archive'])
    expect(answered.length).toBeGreaterThanOrEqual(90)
    const report = await engine.audit.verify()
    expect(report).toMatchObject({ is_intact: true, problems: [], chains: 3 })
    // What was undone by the kill left nothing: every entry has its record.
    const notes: AuditEntry[] = []
    for await (const entry of engine.audit.each({ action: 'note.create' })) notes.push(entry)
    const stored = await database.db
      .selectFrom('notes' as never)
      .select((one) => one.fn.countAll().as('count'))
      .executeTakeFirst()
    expect(notes).toHaveLength(Number((stored as { count: unknown } | undefined)?.count))
  },
)
