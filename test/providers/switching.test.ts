import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHouseWorker } from '#bootstrap/open-jobs.ts'
import { frozenClock } from '#test/support/frozen-clock.ts'
import { paystackKey, startPaystack } from '#test/support/paystack-double.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { sendGridKey, startSendGrid } from '#test/support/sendgrid-double.ts'
import { startHouse } from '#test/support/start-house.ts'

const run = promisify(execFile)
const apigate = resolve(import.meta.dirname, '../../bin/apigate')
const email = { to: 'ada@example.com', subject: 'S', text: 'T' }

/** An instance with SendGrid configured and the log active. */
async function withSendGrid() {
  const double = await startSendGrid()
  const opened = await providerHouse({ env: { EMAIL_PROVIDER: 'log' } })
  await opened.set('email.sendgrid.base_url', double.url)
  await opened.set('email.sendgrid.allow_private', 'true')
  await opened.set('email.sendgrid.api_key', sendGridKey)
  await opened.set('email.sendgrid.from', 'noreply@example.com')
  return { double, ...opened, capabilities: opened.house.providers.capabilities }
}

/** A server with SendGrid configured and the log active. */
async function served() {
  const double = await startSendGrid()
  const clock = frozenClock()
  const house = await startHouse({ env: { EMAIL_PROVIDER: 'log' }, clock })
  onTestFinished(house.close)
  const settings = {
    'email.sendgrid.base_url': double.url,
    'email.sendgrid.allow_private': 'true',
    'email.sendgrid.api_key': sendGridKey,
    'email.sendgrid.from': 'noreply@example.com',
  }
  for (const [key, value] of Object.entries(settings)) await house.create('settings', { key, value })
  const send = () => house.running.house.providers.capabilities.capability('email').send(email)
  return { double, house, send, clock }
}

describe('which provider is active', () => {
  it('is said by the setting before the environment, and by the environment before the default', async () => {
    const byDefault = await providerHouse()
    const chosen = async (house: typeof byDefault.house) =>
      (await house.providers.catalogue.list()).find((view) => view.capability === 'email' && view.is_active)
    expect(await chosen(byDefault.house)).toMatchObject({ provider: 'log', chosen_by: 'default' })
    const opened = await providerHouse({ env: { EMAIL_PROVIDER: 'sendgrid', SENDGRID_API_KEY: 'SG.x' } })
    expect(await chosen(opened.house)).toMatchObject({ provider: 'sendgrid', chosen_by: 'environment' })
    await opened.set('email.provider', 'email_log')
    expect(await chosen(opened.house)).toMatchObject({ provider: 'log', chosen_by: 'setting' })
  })

  it('is nobody in production when nobody was chosen, and the caller is told what to set', async () => {
    const { house } = await providerHouse({ env: { APIGATE_ENV: 'production' } })
    expect(await house.providers.capabilities.capability('email').send(email)).toMatchObject({
      ok: false,
      code: 'service_unavailable',
      message: expect.stringContaining('EMAIL_PROVIDER'),
      details: { capability: 'email', reason: 'not_chosen' },
    })
  })

  it('is told by name when it is unknown, disabled or not configured', async () => {
    const opened = await withSendGrid()
    const send = opened.capabilities.capability('email').send
    await opened.set('email.provider', 'sendgird')
    expect(await send(email)).toMatchObject({
      code: 'service_unavailable',
      message: expect.stringContaining('known: log, sendgrid'),
    })
    await opened.set('email.provider', 'sendgrid')
    await opened.set('email.sendgrid.from', '')
    expect(await send(email)).toMatchObject({
      code: 'service_unavailable',
      message: expect.stringContaining('SENDGRID_FROM'),
      details: { provider: 'sendgrid', reason: 'not_configured' },
    })
    await opened.set('email.sendgrid.from', 'noreply@example.com')
    await opened.set('email.sendgrid.enabled', 'false')
    expect(await send(email)).toMatchObject({ details: { provider: 'sendgrid', reason: 'disabled' } })
  })

  it('can be one of several configurations of a provider', async () => {
    const opened = await withSendGrid()
    const common = { api_key: sendGridKey, base_url: opened.double.url }
    await opened.create('email_sendgrid', { ...common, name: 'news', from: 'news@example.com' })
    await opened.create('email_sendgrid', { ...common, name: 'bills', from: 'bills@example.com' })
    const from = () => JSON.parse(opened.double.upstream.seen.at(-1)?.body ?? '{}').from.email
    await opened.set('email.provider', 'sendgrid/news')
    expect((await opened.capabilities.capability('email').send(email)).ok).toBe(true)
    expect(from()).toBe('news@example.com')
    expect((await opened.capabilities.capability('email', { instance: 'bills' }).send(email)).ok).toBe(true)
    expect(from()).toBe('bills@example.com')
    await opened.set('email.provider', 'sendgrid')
    expect(await opened.capabilities.capability('email').send(email)).toMatchObject({
      message: expect.stringContaining('several'),
    })
  })
})

describe('a switch while the product runs', () => {
  it('counts from the next call on, and lets the calls that run finish where they are', async () => {
    const { double, capabilities, house, set } = await withSendGrid()
    await set('email.provider', 'sendgrid')
    const arrived = Promise.withResolvers<() => void>()
    double.upstream.answer((_request, response) => {
      arrived.resolve(() => response.writeHead(202, { 'x-message-id': 'late' }).end())
    })
    const running = capabilities.capability('email').send(email)
    const answer = await arrived.promise
    await set('email.provider', 'log')
    expect(await capabilities.capability('email').send(email)).toMatchObject({
      value: { message_id: expect.stringMatching(/^eml_/) },
    })
    answer()
    expect(await running).toEqual({ ok: true, value: { message_id: 'late' } })
    expect((await house.engine.records.list('logged_email')).items).toHaveLength(1)
  })

  it('is refused when the new provider does not work, and changes nothing', async () => {
    const { house, set } = await withSendGrid()
    await set('email.sendgrid.api_key', 'SG.wrong')
    const wish = {
      capability: 'email',
      provider: 'sendgrid',
      actor: { kind: 'system', id: 'test' },
      requestId: 'r',
    } as const
    const refused = await house.providers.manage.switchTo({ ...wish, force: false })
    expect(refused).toMatchObject({
      ok: false,
      code: 'service_unavailable',
      details: { provider: 'sendgrid' },
    })
    expect(await house.engine.records.getBy('setting', 'key', 'email.provider')).toBeUndefined()
    expect(await house.providers.manage.switchTo({ ...wish, force: true })).toMatchObject({
      value: { is_active: true },
    })
  })

  it('over HTTP is seen by the health answer, by the next call and by nobody who may not switch', async () => {
    const { double, house, send } = await served()
    const health = async () => (await house.api('GET', '/admin/health')).body.providers.email
    expect(await health()).toEqual({ provider: 'log', status: 'connected' })
    const support = await house.create('operator-tokens', { name: 'support', role: 'support' })
    const headers = { authorization: `Bearer ${support.token}` }
    const wish = { capability: 'email', provider: 'sendgrid' }
    expect((await house.api('POST', '/admin/providers/switch', wish, headers)).status).toBe(403)
    expect((await house.api('POST', '/admin/providers/switch', wish)).body.data).toMatchObject({
      is_active: true,
    })
    expect(await health()).toEqual({ provider: 'sendgrid', status: 'connected' })
    expect((await send()).ok).toBe(true)
    expect(double.delivered()).toHaveLength(1)
    expect(
      (await house.api('POST', '/admin/providers/email_sendgrid/disable', {})).body.data.is_enabled,
    ).toBe(false)
    expect(await send()).toMatchObject({ details: { reason: 'disabled' } })
    expect(await health()).toEqual({ provider: 'sendgrid', status: 'disabled' })
  })

  it('by the command line of another process reaches the server that runs', async () => {
    const { double, house, send, clock } = await served()
    expect(await send()).toMatchObject({ value: { message_id: expect.stringMatching(/^eml_/) } })
    const env = { ...process.env, APIGATE_DATA_DIR: house.dataDirectory, EMAIL_PROVIDER: 'log' }
    const { stdout } = await run(apigate, ['providers', 'switch', 'email', 'sendgrid', '--output', 'json'], {
      env,
    })
    expect(JSON.parse(stdout).data).toMatchObject({
      name: 'email_sendgrid',
      is_active: true,
      chosen_by: 'setting',
    })
    clock.advance(100)
    expect((await send()).ok).toBe(true)
    expect(double.delivered()).toHaveLength(1)
    const tested = await run(apigate, ['providers', 'test', '--email', '--output', 'json'], { env })
    expect(JSON.parse(tested.stdout).data).toEqual([
      { capability: 'email', provider: 'sendgrid', status: 'connected', error: null },
    ])
    const none = await run(apigate, ['providers', 'test', '--payment'], { env }).catch(
      (error: { code: number; stdout: string }) => error,
    )
    expect(none).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/payment +not_configured +No payment provider is chosen/),
    })
    await double.upstream.close()
    const failed = await run(apigate, ['providers', 'test', '--email'], { env }).catch(
      (error: { code: number; stdout: string }) => error,
    )
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('unavailable') })
  })
})

describe('the secrets of providers', () => {
  it('are in no answer, no log and no file in the clear, however they were given', async () => {
    const double = await startSendGrid()
    const given = {
      setting: 'SG.by-setting-0123456789',
      record: 'SG.by-record-0123456789',
      env: 'SG.by-env-0123456789',
    }
    const house = await startHouse({
      env: { EMAIL_PROVIDER: 'sendgrid', SENDGRID_API_KEY: given.env, SENDGRID_FROM: 'a@b.example' },
    })
    onTestFinished(house.close)
    const shown: unknown[] = []
    const note = async (answer: Promise<{ body: unknown }>) => void shown.push((await answer).body)
    await note(house.api('POST', '/api/settings', { key: 'email.sendgrid.base_url', value: double.url }))
    await note(house.api('POST', '/api/settings', { key: 'email.sendgrid.allow_private', value: 'true' }))
    await note(house.api('POST', '/admin/providers/test', { name: 'sendgrid' }))
    await note(house.api('POST', '/api/settings', { key: 'email.sendgrid.api_key', value: given.setting }))
    await note(house.api('POST', '/admin/providers/test', { name: 'sendgrid' }))
    const record = { name: 'main', api_key: given.record, from: 'a@b.example', base_url: double.url }
    await note(house.api('POST', '/api/email_sendgrid_accounts', record))
    await note(house.api('POST', '/admin/providers/test', { name: 'sendgrid' }))
    for (const path of [
      '/api/settings',
      '/api/email_sendgrid_accounts/main',
      '/admin/providers',
      '/admin/health',
    ])
      await note(house.api('GET', path))
    // All three were used, so that nothing is shown because nothing was there.
    expect(double.upstream.seen.map(({ headers }) => headers.authorization)).toEqual(
      expect.arrayContaining([given.env, given.setting, given.record].map((key) => `Bearer ${key}`)),
    )
    const events = await house.running.house.engine.eventsSince(0, 1_000)
    const { readFileSync, readdirSync } = await import('node:fs')
    const files = readdirSync(house.dataDirectory, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(`${house.dataDirectory}/${name}`, 'latin1'))
    expect(files.join('').length).toBeGreaterThan(1_000)
    const all = JSON.stringify(shown) + JSON.stringify(events) + files.join('')
    for (const secret of Object.values(given)) expect(all).not.toContain(secret)
  })
})

describe('a production start', () => {
  it('is refused with dummy payments, and with what one process keeps to itself on several nodes', async () => {
    const env = { APIGATE_ENV: 'production' }
    await expect(startHouse({ env: { ...env, PAYMENT_PROVIDER: 'dummy' } })).rejects.toThrow(
      /payment provider dummy is for testing/,
    )
    const secrets = {
      APIGATE_ENCRYPTION_KEY: 'b7c1e0a4d9f35826b7c1e0a4d9f35826',
      APIGATE_JWT_SECRET: 'p8R2sV6yB9eHcMfQjXnZr4u7',
      APIGATE_KEY_PEPPER: 'G5k8NbRuXyA3DgJmPsVw2z4C',
    }
    await expect(startHouse({ env: { ...env, ...secrets, APIGATE_NODES: '2' } })).rejects.toThrow(
      /cache provider memory.*2 nodes/,
    )
    const house = await startHouse({ env })
    expect((await fetch(`${house.url}/health`)).status).toBe(200)
    await house.close()
  })
})

it('operators hear of a provider that fails, once an hour at most, and once that it works again; of what they do not want, nothing', async () => {
  const { house, lines, clock, set } = await providerHouse({
    env: { PAYMENT_PROVIDER: 'paystack', PAYSTACK_SECRET_KEY: paystackKey },
  })
  const paystack = await startPaystack(clock)
  const worker = createHouseWorker(house, { jobDone() {}, jobsWaiting() {} })
  const told = (event: string): number =>
    lines.filter((line) => line.startsWith('notification ') && line.includes(`"${event}"`)).length
  const ask = () =>
    house.providers.capabilities.capability('payment').create_customer({ email: 'a@b.example' })
  await set('payment.paystack.allow_private', 'true')
  await set('payment.paystack.base_url', 'http://127.0.0.1:9')
  for (const _ of [1, 2, 3]) expect(await ask()).toMatchObject({ code: 'service_unavailable' })
  await worker.runDue()
  expect([told('provider.error'), told('provider.recovered')]).toEqual([1, 0])
  expect(lines.join('\n')).toContain('Paystack (127.0.0.1:9) does not accept connections')
  clock.advance(30 * 60_000)
  await ask()
  await worker.runDue()
  expect(told('provider.error')).toBe(1)
  clock.advance(61 * 60_000)
  await worker.runDue()
  expect(told('provider.error')).toBe(2)

  // Nobody calls it any more: that it is there again is found all the same.
  await set('payment.paystack.base_url', paystack.url)
  for (const _ of [1, 2]) {
    clock.advance(61 * 60_000)
    await worker.runDue()
  }
  expect([told('provider.error'), told('provider.recovered')]).toEqual([2, 1])

  await set('notification.events', 'payment.*')
  await set('payment.paystack.base_url', 'http://127.0.0.1:9')
  clock.advance(61 * 60_000)
  await ask()
  await worker.runDue()
  expect(told('provider.error')).toBe(2)
})
