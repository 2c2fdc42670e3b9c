import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDataFolder, root, runApigate, runHere } from './run-apigate.ts'

let folder: ReturnType<typeof makeDataFolder>

beforeEach(() => {
  folder = makeDataFolder()
})

afterEach(() => folder.remove())

const run = (...args: string[]) => runHere(args, { cwd: folder.path })
/** As a process of its own. */
const start = (...args: string[]) => runApigate(args, { cwd: folder.path })

describe('the program', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(await start('--version')).toEqual({ exitCode: 0, out: `${version}\n`, err: '' })
    expect((await run('version')).out).toMatch(new RegExp(`^apigate ${version} \\(node 2[4-9]\\.`))
  })

  it('reads what an earlier command compiled, from beside the product', async () => {
    await start('--version')
    const { out, err } = await runApigate(['--version'], {
      cwd: folder.path,
      env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
    })
    const cache = join(root, 'node_modules/.cache/apigate')
    expect(`${out}${err}`).toMatch(new RegExp(`reading cache from ${cache}/.*/src/cmd/run\\.ts.*success`))
  })

  it('groups its commands in the help, the modules among them', async () => {
    for (const args of [['--help'], ['help'], []]) {
      const { exitCode, out, err } = await run(...args)
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
      expect(out.indexOf('Run:')).toBeLessThan(out.indexOf('Set up'))
      expect(out.indexOf('Set up')).toBeLessThan(out.indexOf('Records:'))
      for (const word of ['serve', 'demo', 'init', 'doctor', 'migrate', 'usage', 'plans', 'keys']) {
        expect(out).toMatch(new RegExp(`^ {2}${word}\\b`, 'm'))
      }
    }
  })

  it('explains every flag of an action', async () => {
    const { out } = await run('routes', 'create', '--help')
    expect(out).toMatch(/--path-pattern <value>\s+\(string; required\)/)
    expect(out).toMatch(/--match-type <value>[^-]*one of exact,\s+prefix,\s+regex/)
    expect(out).toContain('--no-enabled')
    expect(out).not.toContain('--path_pattern')
  })

  it('describes the modules', async () => {
    expect((await run('schema')).out).toMatch(/^api_key\s+keys\s+\/api\/api_keys\b/m)
    expect((await run('schema', 'keys')).out).toMatch(/^organization_id\s+ref to organization\s+immutable/m)
    expect((await run('schema', 'keys')).out).not.toMatch(/^hash\b/m)
    const asJson = JSON.parse((await run('schema', 'plan', '--output', 'json')).out) as {
      data: { module: string }
    }
    expect(asJson.data.module).toBe('plan')
    expect(await run('schema', 'plam')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('did you mean "plan"'),
    })
  })

  it('names file, line and field of a module that is malformed', async () => {
    const modules = join(folder.path, 'modules')
    mkdirSync(modules)
    writeFileSync(join(modules, 'bad.yaml'), 'module: bad\nschema:\n  price: { type: money }\n')
    const { exitCode, err } = await run('plans', 'list', '--modules', modules)
    expect(exitCode).toBe(70)
    expect(err).toMatch(/bad\.yaml:3:\d+: schema\.price.*money/)
    expect(err).not.toContain('    at ')
    expect(existsSync(join(folder.path, '.apigate'))).toBe(false)
  })

  it('runs through a symbolic link, as npm makes one', async () => {
    const link = join(folder.path, 'gate')
    symlinkSync(join(root, 'bin/apigate'), link)
    expect((await runApigate(['--version'], { cwd: folder.path, program: link })).exitCode).toBe(0)
  })

  it('says how to start it where there is only an old Node', async () => {
    mkdirSync(join(folder.path, 'bin'))
    copyFileSync(join(root, 'bin/apigate'), join(folder.path, 'bin/apigate'))
    const old = join(folder.path, 'node')
    writeFileSync(old, '#!/bin/sh\necho 20.20.2\n')
    chmodSync(old, 0o755)
    const ended = await runApigate(['version'], {
      cwd: folder.path,
      program: join(folder.path, 'bin/apigate'),
      env: { PATH: `${folder.path}:${process.env['PATH']}` },
    })
    expect(ended).toMatchObject({ exitCode: 1, out: '' })
    expect(ended.err).toMatch(
      /^error: APIGate needs Node 24 or newer and this is 20\.20\.2: run `npm install`.*\n$/,
    )
  })
})

describe('a start that cannot be', () => {
  it('says which port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    try {
      const ended = await start('serve', '--port', String(port), '--host', '127.0.0.1')
      expect(ended.exitCode).toBe(70)
      expect(ended.err).toMatch(new RegExp(`^error: .*${port}.*$`, 'm'))
      expect(ended.err).not.toContain('    at ')
    } finally {
      other.close()
    }
  })

  it.each([
    [
      'a port that is none',
      ['--port', '70000'],
      /^error: --port is a number from 0 to 65535, not "70000"\n$/,
    ],
    ['a port in words', ['--port', 'http'], /^error: --port is a number/],
    [
      'an unknown log level',
      ['--log-level', 'loud'],
      /^error: option '--log-level <level>' argument 'loud' is invalid/,
    ],
  ])('refuses %s', async (_what, args, line) => {
    const ended = await run('serve', ...args)
    expect(ended.exitCode).toBe(2)
    expect(ended.err).toMatch(line)
  })

  it('refuses a variable of the environment by name', async () => {
    const ended = await runHere(['migrate'], { cwd: folder.path, env: { APIGATE_SERVER_PORT: 'http' } })
    expect(ended).toMatchObject({ exitCode: 2, out: '' })
    expect(ended.err).toMatch(/^error: APIGATE_SERVER_PORT .*\n$/)
  })

  it.each([
    ['that is damaged', (path: string) => writeFileSync(path, 'this is no database'.repeat(1000))],
    [
      'of a newer version',
      (path: string) => {
        const database = new DatabaseSync(path)
        database.exec(
          "pragma journal_mode = wal; create table apigate_meta (key text primary key, value text not null); insert into apigate_meta values ('schema_version', '9999')",
        )
        database.close()
      },
    ],
    [
      'of another program',
      (path: string) => {
        const database = new DatabaseSync(path)
        database.exec('create table customers (id integer)')
        database.close()
      },
    ],
  ])('says in one line what to do about a database %s, and leaves it alone', async (_what, make) => {
    const path = join(folder.path, 'other.db')
    make(path)
    const before = readFileSync(path)
    const ended = await run('migrate', '--db', path)
    expect(ended).toMatchObject({ exitCode: 70, out: '' })
    expect(ended.err).toMatch(/^error: .+: .+\n$/)
    expect(ended.err.split('\n')).toHaveLength(2)
    expect(readFileSync(path).equals(before)).toBe(true)
    const doctor = await run('doctor', '--db', path, '--port', '0', '--output', 'json')
    expect(doctor.exitCode).toBe(1)
  })

  it('shows the stack only where it is asked for', async () => {
    const path = join(folder.path, 'bad.db')
    writeFileSync(path, 'this is no database'.repeat(1000))
    expect((await run('migrate', '--db', path)).err).not.toContain('    at ')
    const debugged = await runApigate(['migrate', '--db', path], {
      cwd: folder.path,
      env: { APIGATE_DEBUG: '1' },
    })
    expect(debugged.err).toContain('    at ')
  })
})

describe('migrate', () => {
  it('makes the database, and is done at once the second time', async () => {
    for (let time = 0; time < 2; time++) {
      const ended = await run('migrate', '--data', 'here')
      expect(ended).toMatchObject({ exitCode: 0, err: '' })
      expect(ended.out).toMatch(/here\/apigate\.db is up to date\n$/)
    }
    expect(statSync(join(folder.path, 'here')).mode & 0o077).toBe(0)
  })
})

describe('usage summary', () => {
  it('shows every subscription with what is included, remaining and owed', async () => {
    await run('organizations', 'create', '--name', 'Acme')
    const table = await run('usage', 'summary')
    expect(table.exitCode).toBe(0)
    expect(table.out).toMatch(
      /^ORGANIZATION +PLAN +API +REQUESTS +BILLED UNITS +INCLUDED +REMAINING +ERRORS +COST SO FAR/,
    )
    expect(table.out).toMatch(/^Acme +free +Default API +0 +0 +1000 +1000 +0 /m)
    const { out } = await run('usage', 'summary', '--output', 'json', '--month', '2020-01')
    expect(JSON.parse(out)).toEqual({ success: true, data: { month: '2020-01', rows: [] } })
  })

  it.each([
    [
      'a month that is none',
      ['--month', '2026-13'],
      2,
      /^error: --month looks like 2026-11, not "2026-13"\n$/,
    ],
    ['an organization that is not there', ['--organization', 'org_x'], 1, /^error: .*organization.*\n$/i],
  ])('refuses %s', async (_what, args, exitCode, line) => {
    const ended = await run('usage', 'summary', ...args)
    expect(ended).toMatchObject({ exitCode, out: '' })
    expect(ended.err).toMatch(line)
  })
})
