import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test, vi } from 'vitest'

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
    setup: / (setup_[0-9a-f]+)$/m.exec(greeting)?.[1] ?? '',
    /** What it printed after it had greeted, once it has ended. */
    async end() {
      const ended = new Promise((done) => child.once('close', done))
      child.kill('SIGTERM')
      await ended
      return told.slice(greeting.length)
    },
  }
}

/** The e-mails that were sent, once there are so many: they leave from the queue. */
async function mailed(
  ask: (method: string, path: string) => Promise<{ data: readonly { text: string }[] }>,
  count: number,
) {
  return vi.waitUntil(
    async () => {
      const { data } = await ask('GET', '/api/logged_emails?limit=100')
      return data.length >= count && data
    },
    { timeout: 120_000, interval: 200 },
  )
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
  const asPerson = { authorization: `Bearer ${account.data.token}` }
  const own = await ask('POST', '/api/v1/keys', { name: 'own' }, asPerson)
  secrets.push(own.data.key)
  secrets.push((await ask('POST', `/api/v1/keys/${own.data.id}/rotate`, {}, asPerson)).data.key)
  await ask('POST', '/api/v1/keys/leaked', { token: own.data.key, source: 'test' }, nobody)
  const hook = { url: 'https://hooks.example.com/x', events: ['plan.*'] }
  secrets.push((await ask('POST', '/api/webhook_endpoints', hook)).data.secret)
  const factor = await ask('POST', '/api/v1/auth/two-factor/begin', { password: person.password }, asPerson)
  secrets.push(factor.data.secret)
  await ask('POST', '/api/v1/auth/two-factor/enable', { code: '000000' }, asPerson)
  await ask('POST', '/api/v1/team/invite', { email: 'i@example.com', role: 'member' }, asPerson)
  await ask('POST', '/api/v1/auth/request-password-reset', { email: person.email }, nobody)
  const change = { current_password: secret('former-password'), new_password: secret('next-password') }
  await ask('POST', '/api/v1/auth/change-password', change, asPerson)
  const digest = '$2b$04$006ZjA1hjzUbGRB7psl.PeCeNP.W8eF26bn393wx7B.rm5vqNBxr2'
  secrets.push(digest)
  const brought = { user_id: user.data.id, name: 'b', key_prefix: 'old_3f9a2c81', key_digest: digest }
  await ask('POST', '/api/api_keys', brought)
  await ask('GET', '/gone', undefined, { authorization: 'Bearer old_3f9a2c81-guess' })
  const sendgrid = { key: 'email.sendgrid.api_key', value: secret('provider-key') }
  await ask('POST', '/api/settings', sendgrid)
  await ask('POST', '/api/settings', { key: 'email.sendgrid.from', value: 'a@b.example' })
  await ask('POST', '/admin/providers/test', { name: 'sendgrid' })
  for (const { text } of await mailed(ask, 3))
    secrets.push(...[...text.matchAll(/token=([a-z]{3}_[0-9a-f]{64})/g)].map(([, token]) => token ?? ''))
  const kept = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as Record<string, string>
  secrets.push(...Object.values(kept))
  const told = await server.end()
  rmSync(folder, { recursive: true, force: true })

  expect(told.split('\n').length).toBeGreaterThan(20)
  expect(secrets.filter((one) => typeof one !== 'string' || one.length < 12)).toEqual([])
  expect(secrets.filter((one) => /^[a-z]{3}_[0-9a-f]{64}$/.test(one)).length).toBeGreaterThan(5)
  expect(secrets.length).toBeGreaterThan(34)
  expect(secrets.filter((one) => told.includes(one))).toEqual([])
})
