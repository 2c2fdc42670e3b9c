import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AccountHouse, startAccounts } from '#test/accounts/account-house.ts'

let house: AccountHouse
let cookie = ''
const mostSecret = 'correct horse battery'
beforeAll(async () => {
  house = await startAccounts()
  await house.create('operators', {
    email: 'op@example.com',
    name: 'Op',
    password: mostSecret,
    role: 'superadmin',
  })
  const answer = await house.ask('POST', '/admin/login', { email: 'op@example.com', password: mostSecret })
  cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
})
afterAll(() => house.close())
const browser = (path: string) => house.ask('GET', path, undefined, { accept: 'text/html', cookie })

test('operators see every mail with its subject, text and HTML', async () => {
  const { body: list } = await house.api('GET', '/admin/emails')
  expect(list.data.length).toBeGreaterThanOrEqual(14)
  for (const { template } of list.data) {
    const { status, body } = await house.api('GET', `/admin/emails/${template}`)
    expect(status).toBe(200)
    expect(body.data).toMatchObject({ template, subject: expect.any(String) })
    expect(body.data.html).toContain('<!doctype html>')
    expect(body.data.text).toContain('http://localhost:')
  }
})

test('a browser gets pages that load nothing from elsewhere, the mail in a frame that may run nothing', async () => {
  const index = await browser('/admin/emails')
  expect(index.text).toContain('href="/admin/emails/welcome"')
  const page = await browser('/admin/emails/welcome')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(page.headers.get('x-frame-options')).toBe('DENY')
  expect(page.text).toContain('<iframe class="mail" sandbox=""')
  expect(page.text).not.toMatch(/style=|<style|<script(?! src="\/assets\/)/)
  const mail = await browser('/admin/emails/welcome?part=html')
  const policy = mail.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toMatch(/; sandbox$/)
  expect(policy).toContain("frame-ancestors 'self'")
  expect(mail.headers.get('x-frame-options')).toBe('SAMEORIGIN')
  expect(mail.headers.get('x-content-type-options')).toBe('nosniff')
})

test('a name of the instance with markup in it is text on every page', async () => {
  const name = '<img src=x onerror=alert(1)>'
  await house.create('settings', { key: 'brand.name', value: name })
  for (const path of ['/admin/emails/welcome', '/admin/emails/welcome?part=html']) {
    const { text } = await browser(path)
    expect(text).not.toContain('<img')
    expect(text).toMatch(/(&lt;|&#60;)img src=x/)
  }
})

test('a test goes to the operator who asks, or where a token says, through the queue', async () => {
  const own = await house.ask('POST', '/admin/emails/spend_alert/test', {}, { cookie, origin: house.url })
  expect([own.status, own.body.data]).toEqual([202, { template: 'spend_alert', to: 'op@example.com' }])
  const nobody = await house.api('POST', '/admin/emails/spend_alert/test', {})
  expect([nobody.status, nobody.body.error.details.field]).toEqual([400, 'to'])
  const other = await house.api('POST', '/admin/emails/welcome/test', { to: 'me@example.com' })
  expect(other.status).toBe(202)
  const subjects = (await house.mails('op@example.com')).map(({ subject }) => subject)
  expect(subjects).toEqual(['Analytical Engines has reached 80 % of its spend limit'])
  expect(await house.mails('me@example.com')).toHaveLength(1)
})

test('what is not there, not an address or not known is refused and sends nothing', async () => {
  const ask = async (method: string, path: string, body?: unknown) =>
    (await house.api(method, path, body)).status
  expect(await ask('GET', '/admin/emails/no_such')).toBe(404)
  expect(await ask('GET', '/admin/emails/__proto__')).toBe(404)
  expect(await ask('GET', '/admin/emails/welcome?part=script')).toBe(400)
  expect(await ask('GET', '/admin/emails/welcome?data=x')).toBe(400)
  for (const to of ['x', 'a@example.com\r\nBcc: b@example.com', 7, ['a@example.com']])
    expect(await ask('POST', '/admin/emails/welcome/test', { to })).toBe(400)
  expect(await ask('POST', '/admin/emails/welcome/test', { to: 'a@example.com', data: {} })).toBe(400)
  expect(await ask('POST', '/admin/emails/no_such/test', { to: 'a@example.com' })).toBe(404)
  expect(await house.mails('a@example.com')).toEqual([])
})

test('support may look and not send', async () => {
  const { token } = await house.create('operator_tokens', { name: 'support', role: 'support' })
  const headers = house.bearer(token)
  expect((await house.ask('GET', '/admin/emails', undefined, headers)).status).toBe(200)
  const body = { to: 'c@example.com' }
  expect((await house.ask('POST', '/admin/emails/welcome/test', body, headers)).status).toBe(403)
})
