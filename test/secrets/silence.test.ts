import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const program = resolve(import.meta.dirname, '../../bin/apigate')

/** Starts a server that logs everything it can, and collects all that it prints. */
async function talkative(folder: string) {
  const child = spawn(program, ['serve', '--data', folder, '--port', '0', '--host', '127.0.0.1'], {
    env: { ...process.env, APIGATE_LOG_LEVEL: 'debug' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  const url = await new Promise<string>((found, failed) => {
    child.once('exit', () => failed(new Error(told)))
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        told += text
        const [, address] = /APIGate answers on (\S+)/.exec(told) ?? []
        if (address !== undefined) found(address)
      })
  })
  const greeting = told
  return {
    url,
    token: /Operator token: (\S+)/.exec(greeting)?.[1] ?? '',
    setup: /"token": "(setup_[0-9a-f]+)"/.exec(greeting)?.[1] ?? '',
    /** What it printed after it had greeted, once it has ended. */
    async end() {
      const ended = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await ended
      return told.slice(greeting.length)
    },
  }
}

test('nothing that is secret is ever logged, whatever goes wrong: keys, tokens, passwords, cookies, stored secrets, the keys of the instance', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'apigate-silence-'))
  const server = await talkative(folder)
  const secrets: string[] = [server.token, server.setup]
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const cookie = answer.headers.get('set-cookie')?.split(';')[0]?.split('=')[1]
    if (cookie !== undefined && cookie !== '') secrets.push(cookie)
    const text = await answer.text()
    return text.startsWith('{') ? JSON.parse(text) : {}
  }
  const secret = (name: string): string => {
    const made = `${name}-is-very-secret-${secrets.length}`
    secrets.push(made)
    return made
  }
  const nobody = { authorization: '' }
  const adminPassword = secret('admin-password')
  await ask(
    'POST',
    '/admin/setup',
    { token: server.setup, email: 'a@example.com', password: adminPassword },
    nobody,
  )
  await ask('POST', '/admin/login', { email: 'a@example.com', password: adminPassword }, nobody)
  await ask('POST', '/admin/login', { email: 'a@example.com', password: secret('wrong-password') }, nobody)
  await ask('POST', '/admin/login', `{"password": "${secret('broken-json')}"`, nobody)
  await ask(
    'POST',
    '/admin/setup',
    { token: secret('setup-token'), email: 'x', password: secret('x-password') },
    nobody,
  )
  const person = { email: 'p@example.com', password: secret('person-password') }
  const account = await ask(
    'POST',
    '/api/v1/auth/register',
    { ...person, organization_name: 'P', full_name: 'P' },
    nobody,
  )
  secrets.push(account.data.token)
  secrets.push((await ask('POST', '/api/v1/auth/login', person, nobody)).data.token)
  await ask('GET', '/api/v1/auth/me', undefined, { authorization: `Bearer ${account.data.token}x` })
  const user = await ask('POST', '/api/users', { email: 'u@example.com', password: secret('user-password') })
  const key = await ask('POST', '/api/api_keys', { user_id: user.data.id, name: 'k' })
  secrets.push(key.data.key)
  secrets.push((await ask('POST', '/api/operator_tokens', { name: 't', role: 'support' })).data.token)
  await ask('POST', '/api/settings', { key: 'test.secret', secret_value: secret('setting') })
  await ask('POST', '/api/settings', { key: 'test.secret', secret_value: secret('twice') })
  await ask('POST', '/api/settings', { nonsense: secret('unknown-field') })
  await ask('POST', '/api/upstreams', { name: 'gone', base_url: 'http://127.0.0.1:1' })
  await ask('POST', '/api/routes', { name: 'gone', path_pattern: '/gone', upstream_id: 'gone' })
  await ask('GET', '/gone', undefined, { authorization: `Bearer ${key.data.key}` })
  await ask('GET', `/gone?api_key=${key.data.key}`, undefined, nobody)
  await ask('GET', '/gone', undefined, { authorization: `Bearer ak_${'0'.repeat(64)}` })
  await ask('GET', `/admin/me?token=${secret('in-a-query')}`)
  await ask('GET', '/admin/me', undefined, { authorization: `Bearer ${secret('wrong-token')}` })
  await ask('GET', '/admin/me', undefined, {
    authorization: '',
    cookie: `apigate_operator=${secret('wrong-cookie')}`,
  })
  const kept = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as Record<string, string>
  secrets.push(...Object.values(kept))
  const told = await server.end()
  rmSync(folder, { recursive: true, force: true })

  expect(told.split('\n').length).toBeGreaterThan(20)
  expect(secrets.filter((one) => typeof one !== 'string' || one.length < 12)).toEqual([])
  expect(secrets.length).toBeGreaterThan(22)
  expect(secrets.filter((one) => told.includes(one))).toEqual([])
})
