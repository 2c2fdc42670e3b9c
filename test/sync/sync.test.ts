import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { createHouseWorker } from '#bootstrap/open-jobs.ts'
import { systemActor } from '#contract/actor.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { emptySchema } from '#test/support/postgres/schema.ts'
import { providerHouse } from '#test/support/provider-house.ts'

const child = new URL('./sync-child.ts', import.meta.url).pathname
const metrics = { jobDone() {}, jobsWaiting() {} }

interface Item {
  readonly id: number
  readonly name: string
  readonly at: number
}

/** Two SQLite files with a table each, `items` to read and `copies` to write. */
function databases(rows: readonly Item[]) {
  const folder = temporaryFolder()
  const paths = { source: join(folder, 'source.db'), target: join(folder, 'target.db') }
  const [source, target] = [new DatabaseSync(paths.source), new DatabaseSync(paths.target)]
  onTestFinished(() => {
    source.close()
    target.close()
  })
  source.exec('pragma journal_mode = wal; create table items (id integer primary key, name text, at integer)')
  target.exec(
    "pragma journal_mode = wal; create table copies (id integer primary key, label text not null check (label <> 'bad'), at integer)",
  )
  const put = (some: readonly Item[]): void => {
    source.exec('begin')
    for (const { id, name, at } of some)
      source.prepare('insert or replace into items values (?, ?, ?)').run(id, name, at)
    source.exec('commit')
  }
  put(rows)
  const copies = (): Item[] =>
    target
      .prepare('select id, label as name, at from copies order by id')
      .all()
      .map((row) => ({ ...row }) as unknown as Item)
  return { paths, put, copies, target }
}

const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, n) => ({ id: n, name: `Item ${n}`, at: Math.floor(n / 3) }))

async function opened(
  paths: { source: string; target: string },
  parts: Parameters<typeof providerHouse>[0] = {},
  more: Readonly<Record<string, unknown>> = {},
) {
  const house = await providerHouse(parts)
  await house.create('data_source_database', { name: 'from', dsn: paths.source })
  await house.create('data_source_database', { name: 'to', dsn: paths.target, allow_write: true })
  await house.create('sync_job', {
    name: 'items',
    source_instance: 'from',
    source_table: 'items',
    target_instance: 'to',
    target_table: 'copies',
    key: 'id',
    watermark: 'at',
    map: { id: 'id', label: 'name', at: 'at' },
    page_size: 10,
    ...more,
  })
  return house
}

/** Changes a sync job as an operator would. */
async function edited({ engine }: Awaited<ReturnType<typeof opened>>['house'], id: string, input: object) {
  const call = { actor: systemActor, requestId: 'req_edit', module: 'sync_job', action: 'update' }
  const changed = await engine.invoke({ ...call, id, input: { ...input } })
  if (!changed.ok) throw new Error(changed.message)
  return changed.value
}

describe('a sync job', () => {
  it('tells everybody who follows events how it ended: done, with rows that did not fit, or not at all', async () => {
    const { paths, put } = databases(items(5))
    const { house, lines, set } = await opened(paths)
    const { run } = house.sync.jobs
    const heard = (): number =>
      lines.filter((line) => line.startsWith('notification ') && line.includes('"sync.failed"')).length
    const told = async () =>
      (await house.engine.eventsSince(0, 1000))
        .filter(({ type }) => type.startsWith('sync.'))
        .map(({ type, data }) => [type, data['job'], data['read'], data['failed']])
    await run('items', { isDry: true })
    expect(await told()).toEqual([])
    await run('items', {})
    expect(await told()).toEqual([['sync.completed', 'items', 5, 0]])
    put([{ id: 9, name: 'bad', at: 100 }])
    await run('items', {})
    expect((await told()).at(-1)).toEqual(['sync.failed', 'items', 1, 1])
    expect(heard()).toBe(1)
    await set('notification.events', 'payment.*')
    put([{ id: 10, name: 'bad', at: 200 }])
    await run('items', {})
    expect(
      [(await told()).length, heard()],
      'events are for everybody, notifications for those who want them',
    ).toEqual([3, 1])
    const job = await house.engine.records.getBy('sync_job', 'name', 'items')
    const { row } = await edited(house, job?.id ?? '', { source_table: 'nowhere' })
    expect(row['source_table']).toBe('nowhere')
    expect((await run('items', {})).ok).toBe(false)
    expect((await told()).at(-1)).toEqual(['sync.failed', 'items', 0, 0])
  })

  it('copies everything once, then only what has changed, and says what it did', async () => {
    const { paths, put, copies } = databases(items(95))
    const { house } = await opened(paths)
    const { run } = house.sync.jobs
    expect(await run('items', {})).toMatchObject({
      value: { read: 95, inserted: 95, updated: 0, unchanged: 0, failed: 0, is_done: true },
    })
    expect(copies()).toEqual(items(95))
    const nothing = { read: 0, inserted: 0, updated: 0, unchanged: 0, failed: 0, is_done: true }
    expect(await run('items', {})).toMatchObject({ value: nothing })
    put([
      { id: 3, name: 'Other', at: 100 },
      { id: 500, name: 'New', at: 101 },
    ])
    expect(await run('items', {})).toMatchObject({
      value: { read: 2, inserted: 1, updated: 1, watermark: '101' },
    })
    expect(copies().find(({ id }) => id === 3)?.name).toBe('Other')
    const shown = await house.sync.jobs.find('items')
    expect(shown).toMatchObject({ value: { watermark: '101', report: { read: 2, is_done: true } } })
  })

  it('changes nothing in a dry run, which counts what the next run does', async () => {
    const { paths, put, copies } = databases(items(45))
    const { house } = await opened(paths)
    const { run } = house.sync.jobs
    const expected = { read: 45, inserted: 45, is_done: true }
    expect(await run('items', { isDry: true })).toMatchObject({ value: expected })
    expect(copies()).toEqual([])
    expect(await house.sync.jobs.find('items')).toMatchObject({ value: { watermark: null, report: null } })
    expect(await run('items', {})).toMatchObject({ value: expected })
    put([{ id: 1, name: 'Other', at: 50 }])
    expect(await run('items', { isDry: true })).toMatchObject({ value: { read: 1, updated: 1 } })
    expect(await run('items', { isDry: true })).toMatchObject({ value: { read: 1, updated: 1 } })
  })

  it('gets past rows that the target does not take, and names them with their reasons', async () => {
    const rows = items(30).map((one) => (one.id % 10 === 4 ? { ...one, name: 'bad' } : one))
    const { paths, copies } = databases(rows)
    const { house, lines } = await opened(paths)
    const outcome = await house.sync.jobs.run('items', {})
    expect(outcome).toMatchObject({ value: { read: 30, inserted: 27, failed: 3, is_done: true } })
    const failures = outcome.ok ? (outcome.value.failures as { key: number; reason: string }[]) : []
    expect(failures.map(({ key }) => key)).toEqual([4, 14, 24])
    expect(failures[0]?.reason).toContain('CHECK constraint failed')
    expect(copies()).toEqual(rows.filter(({ name }) => name !== 'bad'))
    expect(lines.join('\n')).toContain('3 rows of')
  })

  it('begins at the start after a reset, and finds the rows unchanged', async () => {
    const { paths } = databases(items(12))
    const { house } = await opened(paths)
    await house.sync.jobs.run('items', {})
    expect(await house.sync.jobs.reset('items')).toMatchObject({ ok: true })
    expect(await house.sync.jobs.run('items', {})).toMatchObject({
      value: { read: 12, unchanged: 12, inserted: 0 },
    })
  })

  it('is run by one process at a time', async () => {
    const { paths } = databases(items(200))
    const { house } = await opened(paths)
    const outcomes = await Promise.all([house.sync.jobs.run('items', {}), house.sync.jobs.run('items', {})])
    const inserted = outcomes.map((one) => (one.ok ? one.value.inserted : one.code))
    expect(inserted.toSorted()).toEqual([200, 'conflict'])
  })

  it('stops where it is told to and goes on there', async () => {
    const { paths, copies } = databases(items(200))
    const { house } = await opened(paths)
    const stop = new AbortController()
    const stopped = await house.sync.jobs.run('items', {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    expect(stopped).toMatchObject({ ok: false, code: 'service_unavailable' })
    expect(copies()).toHaveLength(40)
    expect(await house.sync.jobs.run('items', {})).toMatchObject({
      value: { read: 200, inserted: 200, is_done: true },
    })
    expect(copies()).toHaveLength(200)
  })

  it('is refused with a schedule that never comes, a map of nothing, data sources that are not there, and a target that may not be written to', async () => {
    const { paths } = databases(items(1))
    const { house, create } = await opened(paths)
    const job = {
      name: 'other',
      source_instance: 'from',
      source_table: 'items',
      target_instance: 'from',
      target_table: 'items',
      key: 'id',
      watermark: 'at',
    }
    await expect(create('sync_job', { ...job, schedule: '0 0 31 2 *' })).rejects.toThrow('schedule')
    await expect(create('sync_job', { ...job, map: { a: 1 } })).rejects.toThrow('map')
    for (const field of ['source_instance', 'target_instance'])
      await expect(create('sync_job', { ...job, [field]: 'frmo' })).rejects.toThrow('no data source "frmo"')
    await create('sync_job', job)
    expect(await house.sync.jobs.run('other', {})).toMatchObject({ ok: false, code: 'service_unavailable' })
    expect(await house.sync.jobs.run('nobody', {})).toMatchObject({ ok: false, code: 'not_found' })
  })

  it('runs by its schedule, and an occurrence of an old schedule does nothing', async () => {
    const { paths, put, copies } = databases(items(5))
    const { house, clock } = await opened(paths, {}, { schedule: '0 * * * *' })
    const worker = createHouseWorker(house, metrics)
    await worker.runDue()
    expect(copies()).toEqual([])
    clock.set('2026-11-20T13:00:00.000Z')
    await worker.runDue()
    expect(copies()).toHaveLength(5)
    put([{ id: 9, name: 'Later', at: 99 }])
    const job = await house.engine.records.getBy('sync_job', 'name', 'items')
    await house.engine.invoke({
      module: 'sync_job',
      action: 'update',
      id: job?.id ?? '',
      input: { schedule: '30 * * * *' },
      actor: systemActor,
      requestId: 'req_test',
    })
    clock.set('2026-11-20T14:00:00.000Z')
    // The occurrence of the rule that was, which stands in the queue already.
    const waiting = await house.jobs.queue.list({ name: 'sync.run', state: 'waiting' })
    expect(
      waiting.ok && waiting.value.jobs.some(({ payload }) => JSON.stringify(payload).includes('"0 * * * *"')),
    ).toBe(true)
    await worker.runDue()
    expect(copies()).toHaveLength(5)
    clock.set('2026-11-20T14:30:00.000Z')
    await worker.runDue()
    expect(copies()).toHaveLength(6)
  })
})

test.each(['SQLite', 'PostgreSQL'])(
  'a sync that is killed goes on where it was, and every row is there once (%s)',
  async (kind) => {
    const rows = items(3_000)
    const { paths, copies } = databases(rows)
    const dataDirectory = temporaryFolder()
    const database = kind === 'PostgreSQL' ? await emptySchema() : undefined
    if (database !== undefined) onTestFinished(database.remove)
    const dsn = database?.url ?? ''
    const env: Record<string, string> = dsn === '' ? {} : { APIGATE_DATABASE_DSN: dsn }
    const first = await opened(paths, { env, dataDirectory })
    await first.close()
    const running = spawn(process.execPath, [child, dataDirectory, 'items', dsn], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const steps: number[] = []
    for await (const line of createInterface(running.stdout)) {
      steps.push(Number(line))
      if (steps.length === 5) running.kill('SIGKILL')
    }
    const before = copies().length
    expect(before).toBeGreaterThanOrEqual(200)
    expect(before).toBeLessThan(3_000)
    // The one who was killed has the job for a minute more.
    const clock = frozenClock(new Date(Date.now() + 120_000).toISOString())
    const { house } = await providerHouse({ env, dataDirectory, clock })
    const outcome = await house.sync.jobs.run('items', {})
    expect(outcome).toMatchObject({ value: { failed: 0, updated: 0, is_done: true } })
    // At most the page whose position was not kept is read twice.
    expect(outcome.ok && outcome.value.unchanged).toBeLessThanOrEqual(10)
    expect(copies()).toEqual(rows)
  },
)
