import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Ended, makeDataFolder, root, runApigate, runHere } from './run-apigate.ts'

const folder = makeDataFolder()
const run = (...args: string[]): Promise<Ended> => runHere(args, { cwd: folder.path })
const json = async (...args: string[]) => {
  const { exitCode, out, err } = await run(...args, '--output', 'json')
  if (exitCode !== 0) throw new Error(err)
  return JSON.parse(out) as {
    success: boolean
    data: Record<string, unknown>
    meta?: Record<string, unknown>
  }
}

afterAll(() => folder.remove())

describe('records on the command line', () => {
  it('are made, shown, changed and deleted, by id and by name', async () => {
    const made = await json(
      'plans',
      'create',
      '--name',
      'gold',
      '--rate-limit-per-minute',
      '-1',
      '--no-enabled',
    )
    expect(made).toMatchObject({
      success: true,
      data: { name: 'gold', rate_limit_per_minute: -1, enabled: false, currency: 'USD' },
    })
    const id = String(made.data['id'])
    expect((await json('plans', 'get', id)).data).toEqual(made.data)
    await json('plan', 'update', 'gold', '--price_monthly=2500', '--enabled', '--stripe-price-id', 'price_1')
    expect((await json('plans', 'get', 'gold')).data).toMatchObject({
      price_monthly: 2500,
      enabled: true,
      stripe_price_id: 'price_1',
    })
    await json('plans', 'update', 'gold', '--clear', 'stripe-price-id')
    expect((await json('plans', 'get', 'gold')).data['stripe_price_id']).toBeNull()
    expect(await run('plans', 'delete', id, '--yes')).toMatchObject({
      exitCode: 0,
      out: `deleted Plan ${id}\n`,
    })
    expect((await run('plans', 'get', id)).exitCode).toBe(1)
  })

  it('are listed as a table with filters, order and pages', async () => {
    const columns = ['plans', 'list', '--sort', '-price_monthly', '--columns', 'name,price_monthly']
    const table = await runApigate(columns, { cwd: folder.path })
    expect(await run(...columns)).toEqual(table)
    expect(table).toEqual({
      exitCode: 0,
      out: 'NAME     PRICE_MONTHLY\npro               5000\nstarter           1000\nfree                 0\n',
      err: '',
    })
    const dear = await json(
      'plans',
      'list',
      '--filter',
      'price_monthly[gte]=1000',
      '--filter',
      'enabled=true',
    )
    expect((dear.data as unknown as { name: string }[]).map((plan) => plan.name).sort()).toEqual([
      'pro',
      'starter',
    ])
    const first = await json('plans', 'list', '--limit', '2', '--sort', 'name', '--count')
    expect(first.meta).toMatchObject({ limit: 2, has_more: true, total: 3 })
    const next = await json(
      'plans',
      'list',
      '--sort',
      'name',
      '--limit',
      '2',
      '--cursor',
      String(first.meta?.['next_cursor']),
    )
    expect((next.data as unknown as { name: string }[]).map((plan) => plan.name)).toEqual(['starter'])
  })

  it('come as JSON and YAML with the same content', async () => {
    const asJson = await run('apis', 'get', 'default', '--output', 'json')
    const asYaml = await run('apis', 'get', 'default', '--output=yaml')
    expect(JSON.parse(asJson.out)).toMatchObject({
      success: true,
      data: { slug: 'default', visibility: 'public' },
    })
    expect(parse(asYaml.out)).toEqual(JSON.parse(asJson.out))
  })

  it('show a key once, when it is made', async () => {
    await json('users', 'create', '--email', 'Ann@Example.com')
    const made = await run('keys', 'create', '--user-id', 'ann@example.com', '--name', 'first')
    expect(made.exitCode).toBe(0)
    const key = /^key: (ak_[0-9a-f]{64})$/m.exec(made.out)?.[1]
    expect(key).toBeDefined()
    expect(made.out).toContain('not shown again')
    const listed = await run('keys', 'list', '--output', 'json')
    expect(listed.out).toContain('"first"')
    expect(listed.out).not.toContain(key)
  })

  it('refuse an action that asks first without --yes when nobody is there to answer', async () => {
    const { data } = await json('keys', 'create', '--organization-id', 'operator', '--name', 'ephemeral')
    const id = String(data['id'])
    const refused = await run('keys', 'revoke', id)
    expect(refused).toMatchObject({ exitCode: 1, out: '' })
    expect(refused.err).toMatch(/^error: .*--yes\n$/)
    expect((await json('keys', 'get', id)).data['revoked_at']).toBeNull()
    expect((await json('keys', 'revoke', id, '--yes')).data['revoked_at']).toMatch(/^\d{4}-/)
  })

  it('read a password from standard input', async () => {
    const account = ['--email', 'op@example.com', '--role', 'support', '--password', '-']
    const args = ['operators', 'create', ...account, '--output', 'json']
    const made = await runApigate(args, { cwd: folder.path, input: 'correct horse battery\n' })
    expect(made).toMatchObject({ exitCode: 0, err: '' })
    expect(made.out).not.toContain('correct horse')
  })

  it('of a custom module have their commands from its YAML alone', async () => {
    const modules = join(root, 'examples/modules')
    const made = await json(
      'notes',
      'create',
      '--title',
      'Hello',
      '--labels',
      '["a","b"]',
      '--modules',
      modules,
    )
    expect(made.data).toMatchObject({
      title: 'Hello',
      labels: ['a', 'b'],
      pinned: false,
      importance: 'normal',
    })
    const pinned = await json('note', 'pin', String(made.data['id']), `--modules=${modules}`)
    expect(pinned.data['pinned']).toBe(true)
    expect((await run('notes', 'list')).exitCode).toBe(2)
  })
})

describe('what goes wrong', () => {
  it.each([
    ['a record that is not there', ['plans', 'get', 'nothing'], 1, /^error: .+\n$/],
    ['a missing field', ['plans', 'create'], 1, /^error: .*name.*\n$/],
    [
      'a value of the wrong type',
      ['plans', 'create', '--name', 'x', '--price-monthly', 'ten'],
      1,
      /^error: price_monthly .*whole number\n$/,
    ],
    [
      'two wrong fields',
      ['plans', 'create', '--name', 'x', '--price-monthly', '-2', '--currency', 'usd'],
      1,
      /^error: price_monthly .*; currency .*\n$|^error: currency .*; price_monthly .*\n$/,
    ],
    ['a name that is taken', ['plans', 'create', '--name', 'free'], 1, /^error: .*name.*\n$/],
    [
      'an unknown command',
      ['plnas', 'list'],
      2,
      /^error: unknown command 'plnas' \(Did you mean plans\?\)\n$/,
    ],
    ['an unknown action', ['plans', 'lst'], 2, /^error: unknown command 'lst' \(Did you mean list\?\)\n$/],
    [
      'an unknown flag',
      ['plans', 'create', '--nam', 'x'],
      2,
      /^error: unknown option '--nam' \(Did you mean --name\?\)\n$/,
    ],
    [
      'a flag without its value',
      ['plans', 'create', '--name'],
      2,
      /^error: option '--name <value>' argument missing\n$/,
    ],
    ['a missing id', ['plans', 'get'], 2, /^error: missing required argument 'id'\n$/],
    ['too many words', ['plans', 'get', 'a', 'b'], 2, /^error: too many arguments.*\n$/],
    [
      'an unknown format',
      ['plans', 'list', '--output', 'xml'],
      2,
      /^error: --output is one of table, json, yaml, not "xml"\n$/,
    ],
    [
      'an unknown column',
      ['plans', 'list', '--columns', 'prize_monthly'],
      2,
      /^error: --columns: .*did you mean "price_monthly"\?\n$/,
    ],
    ['JSON that is none', ['routes', 'create', '--methods', 'GET'], 2, /^error: --methods is JSON.*\n$/],
    [
      'a server without a token',
      ['plans', 'list', '--server', 'http://127.0.0.1:1'],
      2,
      /^error: .*token.*\n$/,
    ],
    [
      'a server that is not there',
      ['plans', 'list', '--server', 'http://127.0.0.1:1', '--token', 'x'],
      70,
      /^error: cannot reach http:\/\/127\.0\.0\.1:1: .*\n$/,
    ],
  ])('%s is one line on standard error and an exit code', async (_what, args, exitCode, line) => {
    const ended = await run(...args)
    expect(ended.err).toMatch(line)
    expect(ended).toMatchObject({ exitCode, out: '' })
  })

  it('touches nothing when it is the command line that is wrong', async () => {
    const fresh = makeDataFolder()
    try {
      const wrong = await runApigate(['plans', 'list', '--columns', 'nothing'], { cwd: fresh.path })
      expect(wrong).toMatchObject({ exitCode: 2, out: '' })
      await runHere(['plnas'], { cwd: fresh.path })
      await runHere(['--help'], { cwd: fresh.path })
      expect(existsSync(join(fresh.path, '.apigate'))).toBe(false)
    } finally {
      fresh.remove()
    }
  })
})
