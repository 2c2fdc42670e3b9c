import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { reconciliationConformance } from './reconciliation.ts'

reconciliationConformance('default', async () => (await providerHouse()).house.providers.capabilities)

/** Three plans of ours, of which two are known to a shop whose products are in a database. */
async function shop() {
  const path = join(temporaryFolder(), 'shop.db')
  const db = new DatabaseSync(path)
  onTestFinished(() => db.close())
  db.exec('create table products (id text primary key, title text not null, requests integer)')
  const put = (id: string, title: string, requests: number): void =>
    void db.prepare('insert or replace into products values (?, ?, ?)').run(id, title, requests)
  const products = () =>
    db
      .prepare('select * from products order by id')
      .all()
      .map((row) => ({ ...row }))
  const opened = await providerHouse()
  const { house, create } = opened
  await create('data_source_database', { name: 'shop', dsn: path, allow_write: true })
  const plan = async (name: string, requests: number) =>
    String((await create('plan', { name, requests_per_month: requests }))['id'])
  const known = async (local: string, external: string) =>
    create('provider_mapping', {
      provider: 'shop',
      entity_type: 'plan',
      local_id: local,
      external_id: external,
    })
  const reconciliation = house.providers.capabilities.capability('reconciliation')
  const run = async (more: object = {}) => {
    const outcome = await reconciliation.run({
      module: 'plan',
      provider: 'shop',
      source_instance: 'shop',
      table: 'products',
      key: 'id',
      fields: { name: 'title', requests_per_month: 'requests' },
      ...more,
    })
    if (!outcome.ok) throw new Error(outcome.message)
    const differences = outcome.value.differences as {
      key: string | null
      local_id: string | null
      kind: string
    }[]
    return { ...outcome.value, differences }
  }
  const records = house.engine.records
  const usual = (await run()).differences.map(({ local_id: id }) => id)
  return { put, products, plan, known, run, records, usual, reconciliation }
}

describe('records of ours beside those of a provider', () => {
  const scene = async () => {
    const opened = await shop()
    const { put, plan, known } = opened
    const same = await plan('Same', 10)
    const other = await plan('Other', 20)
    const unknown = await plan('Unknown', 30)
    await known(same, 'p_same')
    await known(other, 'p_other')
    put('p_same', 'Same', 10)
    put('p_other', 'Other', 25)
    put('p_new', 'New', 40)
    return { ...opened, same, other, unknown }
  }

  it('are compared by their mappings, and nothing is changed unless that is asked for', async () => {
    const { run, products, usual, other, unknown } = await scene()
    const before = products()
    const report = await run()
    const ours = report.differences.filter(({ local_id: id }) => !usual.includes(id))
    expect(report).toMatchObject({ matched: 1, repaired: 0, failed: 0 })
    expect(ours).toEqual(
      expect.arrayContaining([
        {
          key: 'p_other',
          local_id: other,
          kind: 'different',
          fields: [{ field: 'requests_per_month', local: 20, external: 25 }],
        },
        expect.objectContaining({ key: 'p_new', local_id: null, kind: 'missing_local' }),
        expect.objectContaining({ key: null, local_id: unknown, kind: 'missing_external' }),
      ]),
    )
    expect(ours).toHaveLength(3)
    expect(products()).toEqual(before)
    expect((await run()).differences).toEqual(report.differences)
  })

  it('are made like theirs: changed, and made where they are missing, with their mapping', async () => {
    const { run, records, other, products } = await scene()
    const before = products()
    expect(await run({ repair: 'local' })).toMatchObject({ repaired: 2, failed: 0 })
    expect(await records.get('plan', other)).toMatchObject({ requests_per_month: 25 })
    expect(await records.getBy('plan', 'name', 'New')).toMatchObject({ requests_per_month: 40 })
    expect(products()).toEqual(before)
    const after = await run()
    expect(after.matched).toBe(3)
    expect(after.differences.every(({ kind }) => kind === 'missing_external')).toBe(true)
  })

  it('are what theirs are made like: changed, and added where they are missing, with their mapping', async () => {
    const { run, records, other, unknown, products } = await scene()
    expect(await run({ repair: 'external' })).toMatchObject({ failed: 0 })
    expect(products()).toEqual(
      expect.arrayContaining([
        { id: 'p_other', title: 'Other', requests: 20 },
        { id: unknown, title: 'Unknown', requests: 30 },
        { id: 'p_new', title: 'New', requests: 40 },
      ]),
    )
    expect(await records.get('plan', other)).toMatchObject({ requests_per_month: 20 })
    const after = await run()
    expect(after.differences).toMatchObject([{ key: 'p_new', kind: 'missing_local' }])
  })

  it('that a rule of ours refuses are told with their reason, and the others are put right', async () => {
    const { run, put, records, other } = await scene()
    put('p_new', 'Same', 1)
    const report = await run({ repair: 'local' })
    expect(report).toMatchObject({ repaired: 1, failed: 1, failures: [{ key: 'p_new' }] })
    expect(await records.get('plan', other)).toMatchObject({ requests_per_month: 25 })
  })

  it('show no secret and no internal field, and no module that is not there', async () => {
    const { reconciliation } = await shop()
    const plan = { provider: 'shop', source_instance: 'shop', table: 'products', key: 'id' }
    for (const [module, field] of [
      ['setting', 'secret_value'],
      ['operator', 'password_hash'],
      ['data_source_database', 'dsn'],
      ['plan', 'wings'],
    ] as const)
      expect(await reconciliation.run({ ...plan, module, fields: { [field]: 'title' } })).toMatchObject({
        ok: false,
        code: 'validation_error',
        details: { field: 'fields' },
      })
    expect(await reconciliation.run({ ...plan, module: 'wings', fields: { a: 'b' } })).toMatchObject({
      ok: false,
      code: 'not_found',
    })
  })
})
