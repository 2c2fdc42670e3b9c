import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '#test/support/module-folder.ts'
import { startHouse, type TestHouse } from '#test/support/start-house.ts'
import { runApigate, runHere } from './run-apigate.ts'

let house: TestHouse
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.close())

const place = () => {
  const folder = temporaryFolder()
  const by =
    (run: typeof runHere) =>
    (args: readonly string[], input?: string, env: Record<string, string> = {}) =>
      run(args, {
        cwd: folder,
        env: { XDG_CONFIG_HOME: folder, ...env },
        ...(input === undefined ? {} : { input }),
      })
  return { run: by(runHere), start: by(runApigate), file: join(folder, 'apigate', 'logins.json') }
}

describe('a login', () => {
  test('is checked, kept for this user alone, used for its server only, and forgotten', async () => {
    const { run, start, file } = place()
    const login = await start(['login', '--server', `${house.url}/`], `${house.token}\n`)
    expect([login.exitCode, login.err]).toEqual([
      0,
      `${house.url}: logged in as superadmin; kept in ${file}\n`,
    ])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const list = await run(['plans', 'list', '--server', house.url, '--output', 'json'])
    expect(JSON.parse(list.out).data.length).toBeGreaterThan(2)
    const other = await run(['plans', 'list', '--server', 'http://127.0.0.1:9'])
    expect(other.exitCode).toBe(2)
    expect(other.err).toContain('keep one with `apigate login`')
    const logout = await run(['logout', '--server', house.url])
    expect(logout.err).toBe('1 token forgotten\n')
    expect(existsSync(file)).toBe(false)
    expect((await run(['plans', 'list', '--server', house.url])).exitCode).toBe(2)
  })

  test('with a token that is not valid keeps nothing', async () => {
    const { run, file } = place()
    const login = await run(['login', '--server', house.url, '--token', `opt_${'0'.repeat(64)}`])
    expect([login.exitCode, existsSync(file)]).toEqual([1, false])
  })

  test('gives way to a token that is given, and keeps the permissions of its own', async () => {
    const { run } = place()
    const { token } = await house.create('operator_tokens', { name: 'looks', role: 'support' })
    await run(['login', '--server', house.url, '--token', token])
    const server = ['--server', house.url]
    expect((await run(['plans', 'create', '--name', 'sneaked', ...server])).exitCode).toBe(1)
    const given = { APIGATE_TOKEN: house.token }
    expect((await run(['plans', 'create', '--name', 'allowed', ...server], undefined, given)).exitCode).toBe(
      0,
    )
  })

  test('does not turn local commands into remote ones', async () => {
    const { run } = place()
    await run(['login', '--server', house.url, '--token', house.token])
    await house.create('plans', { name: 'only-there' })
    expect((await run(['plans', 'list', '--output', 'json'])).out).not.toContain('only-there')
  })

  test('in a damaged file is a sentence, not a stack', async () => {
    const { run, file } = place()
    await run(['login', '--server', house.url, '--token', house.token])
    writeFileSync(file, '{')
    const ended = await run(['plans', 'list', '--server', house.url])
    expect([ended.exitCode, ended.err]).toEqual([
      2,
      `error: ${file} is damaged: remove it and log in again\n`,
    ])
    expect(readFileSync(file, 'utf8')).toBe('{')
  })

  test('of a person takes e-mail and password, keeps the token, and commands see what is theirs alone', async () => {
    const { run, file } = place()
    const account = {
      email: 'ada@example.com',
      password: 'a long enough password',
      organization_name: 'Ada & Co',
    }
    await house.api('POST', '/api/v1/auth/register', account)
    await house.create('organizations', { name: 'Somebody else' })
    const wrong = await run(['login', '--server', house.url, '--email', account.email], 'a wrong password\n')
    expect([wrong.exitCode, existsSync(file)]).toEqual([1, false])
    const login = await run(
      ['login', '--server', house.url, '--email', account.email],
      `${account.password}\n`,
    )
    expect([login.exitCode, login.err]).toEqual([0, expect.stringContaining('logged in as ada@example.com')])
    expect(readFileSync(file, 'utf8')).not.toContain(account.password)
    const list = await run(['organizations', 'list', '--server', house.url, '--output', 'json'])
    expect(JSON.parse(list.out).data.map(({ name }: { name: string }) => name)).toEqual(['Ada & Co'])
    const refused = await run(['operators', 'list', '--server', house.url])
    expect(refused.exitCode).toBe(1)
  })
})
