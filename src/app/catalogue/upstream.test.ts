import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { UpstreamRow } from '#contract/rows.gen.ts'
import { testEngine } from '#test/support/test-engine.ts'
import { upstreamEntry } from '../access/snapshot-entries.ts'
import { checkUpstream } from './upstream.ts'

const yaml = readFileSync(join(import.meta.dirname, '../../../modules/upstream.yaml'), 'utf8')

/** Writes upstreams through a real engine and answers the record, or what is wrong with it by field. */
async function upstreams() {
  const { engine } = await testEngine(
    { 'upstream.yaml': yaml },
    { behaviours: { upstream_check: checkUpstream } },
  )
  const actor = { kind: 'operator', id: 'opr_1', role: 'superadmin' } as const
  const write = async (action: string, input: Record<string, unknown>, id?: string) => {
    const call = { actor, requestId: 'req', module: 'upstream', action, input }
    const outcome = await engine.invoke(id === undefined ? call : { ...call, id })
    if (!outcome.ok) return { fields: outcome.details?.['errors'] ?? outcome.details?.['field'] }
    const row: UpstreamRow | undefined = await engine.records.get('upstream', String(outcome.value.row.id))
    return row === undefined ? {} : { row, entry: upstreamEntry(row) }
  }
  return {
    create: (input: Record<string, unknown>) =>
      write('create', { name: 'api', base_url: 'http://base', ...input }),
    update: (id: string, input: Record<string, unknown>) => write('update', input, id),
  }
}

describe('an upstream', () => {
  it('is cared for without being asked to: one target, one retry, a breaker, no checks, no bounds', async () => {
    const { create } = await upstreams()
    expect((await create({})).entry).toMatchObject({
      targets: [{ index: 0, url: 'http://base', weight: 1 }],
      retries: 1,
      retriesOnTimeout: false,
      breaker: { failures: 5, openMs: 10_000 },
      breaksOnStatus: false,
      healthCheck: null,
      maxConnections: 0,
      maxPending: 0,
    })
  })

  it('goes to its targets instead of base_url, and back to it when the list is empty', async () => {
    const { create, update } = await upstreams()
    const targets = [
      { url: 'http://a', enabled: false },
      { url: 'http://b', weight: 7 },
    ]
    const { row, entry } = await create({
      targets,
      health_path: '/up?deep=1',
      max_connections: 9,
      max_pending: 3,
    })
    expect(entry).toMatchObject({
      targets: [{ index: 1, url: 'http://b', weight: 7 }],
      healthCheck: {
        path: '/up?deep=1',
        intervalMs: 10_000,
        timeoutMs: 2_000,
        healthyAfter: 2,
        unhealthyAfter: 3,
      },
      maxConnections: 9,
      maxPending: 3,
    })
    const emptied = await update(row?.id ?? '', { targets: [] })
    expect(emptied.entry?.targets).toEqual([{ index: 0, url: 'http://base', weight: 1 }])
  })

  it.each([
    ['targets[1].weight', { targets: [{ url: 'http://a' }, { url: 'http://b', weight: 1001 }] }],
    ['targets[0].url', { targets: [{ url: 'http://a?x' }] }],
    ['targets', { targets: [{ url: 'http://a', enabled: false }] }],
    ['base_url', { base_url: 'ftp://a', targets: [{ url: 'http://a' }] }],
    ['health_path', { health_path: 'healthz' }],
    ['health_path', { health_path: '/a b' }],
    ['health_path', { health_path: '/a\r\nX: y' }],
    ['health_path', { health_path: '/a#b' }],
    ['max_pending', { max_pending: 1 }],
    ['retries', { retries: 6 }],
  ])('is refused for its %s in %j', async (field, input) => {
    const { create, update } = await upstreams()
    expect(await create(input)).toEqual({ fields: field })
    const { row } = await create({})
    expect(await update(row?.id ?? '', input)).toEqual({ fields: field })
  })

  it('names every element at fault at once', async () => {
    const { create } = await upstreams()
    const { fields } = await create({ targets: [{ url: 'x' }, { url: 'http://b', weight: 0 }] })
    expect(fields).toMatchObject([{ field: 'targets[0].url' }, { field: 'targets[1].weight' }])
  })
})
