import { join } from 'node:path'
import { expect, test } from 'vitest'
import { moduleFolder } from '#test/support/module-folder.ts'
import { testEngine } from '#test/support/test-engine.ts'
import { applySeed } from './seed.ts'

const files = {
  'shop.yaml': `
module: shop
schema:
  name:    { type: string, required: true, unique: true, lookup: true }
  is_main: { type: bool, internal: true, default: false }
  next_id: { type: ref, to: shop }
`,
}

const seedFile = (text: string): string => join(moduleFolder({ 'seed.yaml': text }), 'seed.yaml')

test('a new database gets the records of the seed once, in order, through the one write path', async () => {
  const { engine, db, clock, types } = await testEngine(files)
  const path = seedFile(
    'seed:\n  shop:\n    - { name: north, is_main: true }\n    - { name: south, next_id: north }\n',
  )
  expect(await applySeed({ engine, db, clock }, path)).toBe(true)
  const north = await engine.records.getBy('shop' as 'plan', 'name', 'north')
  expect(north).toMatchObject({ is_main: true })
  expect(await engine.records.getBy('shop' as 'plan', 'name', 'south')).toMatchObject({ next_id: north?.id })
  expect(types()).toEqual(['shop.created', 'shop.created'])
  expect(await applySeed({ engine, db, clock }, path)).toBe(false)
  expect(types()).toHaveLength(2)
})

test('a seed that broke off goes on where it stopped', async () => {
  const { engine, db, clock } = await testEngine(files)
  const broken = seedFile('seed:\n  shop:\n    - { name: north }\n    - { nme: south }\n')
  await expect(applySeed({ engine, db, clock }, broken)).rejects.toThrow(
    /seed.yaml:4:7: seed.shop\[1\]: nme is not a field of shop/,
  )
  expect(
    await applySeed(
      { engine, db, clock },
      seedFile('seed:\n  shop:\n    - { name: north }\n    - { name: south }\n'),
    ),
  ).toBe(true)
  expect(
    await engine.list({ actor: { kind: 'system', id: 's' }, module: 'shop', query: { count: true } }),
  ).toMatchObject({ value: { total: 2 } })
})

test('a seed of an unknown module is named with file and line, and a missing file seeds nothing', async () => {
  const { engine, db, clock } = await testEngine(files)
  await expect(applySeed({ engine, db, clock }, seedFile('seed:\n  shoop: []\n'))).rejects.toThrow(
    /seed.yaml:2:3: seed.shoop: unknown module "shoop" \(did you mean "shop"\?\)/,
  )
  expect(await applySeed({ engine, db, clock }, '/nowhere/seed.yaml')).toBe(true)
})
