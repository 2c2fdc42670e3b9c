import { expect, onTestFinished, test } from 'vitest'
import { createHouseWorker } from '#bootstrap/open-jobs.ts'
import type { Mail } from '#ports/mail.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { sendGridKey, startSendGrid } from '#test/support/sendgrid-double.ts'
import { startUpstream } from '#test/support/upstream.ts'

const metrics = { jobDone() {}, jobsWaiting() {} }
const secret = `rst_${'5ec2e7'.repeat(10)}`
const reset: Mail = {
  template: 'password_reset',
  to: 'Ada@Example.com',
  data: { name: 'Ada', token: secret, expires: '1 hour' },
  dedupeKey: `reset ${secret}`,
}

async function open(env: Record<string, string> = {}) {
  const opened = await providerHouse({ env })
  const { house } = opened
  const worker = createHouseWorker(house, metrics)
  const kept = async () => (await house.engine.records.list('logged_email', {})).items
  const jobs = async () => {
    const listed = await house.jobs.queue.list({ name: 'email.send' })
    if (!listed.ok) throw new Error(listed.message)
    return listed.value.jobs
  }
  return { ...opened, worker, kept, jobs }
}

test('a mail goes out with both parts, and its link leads to the address of the settings', async () => {
  const { house, set, worker, kept } = await open()
  await set('portal.base_url', 'https://api.engines.example/')
  await set('brand.name', 'Engines')
  await set('brand.color', '#aa3300')
  await house.mails.send(reset)
  expect(await worker.runDue()).toBe(1)
  const [mail] = await kept()
  const url = `https://api.engines.example/portal/reset-password?token=${secret}`
  expect(mail).toMatchObject({ to: 'ada@example.com', subject: 'Reset your password for Engines' })
  expect(mail?.text).toContain(`\n${url}\n`)
  expect(mail?.html).toContain(`href="${url}"`)
  expect(mail?.html).toContain('background-color:#aa3300')
})

test('two mails with one key are one: at once, while one waits, and after it was sent', async () => {
  const { house, worker, kept } = await open()
  await Promise.all(Array.from({ length: 10 }, () => house.mails.send(reset)))
  await house.mails.send(reset)
  expect(await worker.runDue()).toBe(1)
  await house.mails.send(reset)
  expect(await worker.runDue()).toBe(0)
  expect(await kept()).toHaveLength(1)
  await house.mails.send({ ...reset, dedupeKey: 'another' })
  await worker.runDue()
  expect(await kept()).toHaveLength(2)
})

test('a mail whose job is done twice goes out once: its key was noted when it was sent', async () => {
  const { house, worker, jobs, kept } = await open()
  await house.mails.send(reset)
  const [job] = await jobs()
  await worker.runDue()
  await house.jobs.queue.enqueue({ name: 'email.send', payload: job?.payload as Record<string, unknown> })
  expect(await worker.runDue()).toBe(1)
  expect(await kept()).toHaveLength(1)
})

test('what lies in the queue, in dead letters and in the log shows neither address nor link', async () => {
  const { house, worker, jobs, lines, set, clock } = await open({
    APIGATE_ENV: 'production',
    EMAIL_PROVIDER: 'log',
  })
  await house.mails.send(reset)
  await worker.runDue()
  const [waiting] = await jobs()
  expect(waiting).toMatchObject({ state: 'waiting', error: expect.stringContaining('portal.base_url') })
  expect(waiting?.payload).toMatchObject({ template: 'password_reset' })
  expect(JSON.stringify(waiting)).not.toMatch(/ada@|5ec2e7/i)
  await set('portal.base_url', 'https://api.engines.example')
  clock.advance(15_000)
  expect(await worker.runDue()).toBe(1)
  expect(await jobs()).toEqual([])
  const ours = lines.filter((line) => !line.startsWith('e-mail kept'))
  expect(ours.filter((line) => line.startsWith('a mail was sent'))).toHaveLength(1)
  expect(ours.join('\n')).not.toMatch(/ada@|5ec2e7/i)
  expect(JSON.stringify(await house.engine.records.list('email_message', {}))).not.toContain('5ec2e7')
})

test('a service that is down loses nothing, and each of its attempts carries the same key', async () => {
  const sendGrid = await startSendGrid()
  const down = await startUpstream()
  onTestFinished(down.close)
  const keys: unknown[] = []
  down.answer((_request, response, { body }) => {
    keys.push(JSON.parse(body).personalizations[0].custom_args.idempotency_key)
    response.writeHead(503).end()
  })
  const env = { EMAIL_PROVIDER: 'sendgrid', SENDGRID_API_KEY: sendGridKey, SENDGRID_FROM: 'a@example.com' }
  const { house, set, clock, worker, jobs } = await open(env)
  // What looks after outages has a job of its own.
  house.providers.watchBy({ failed: async () => undefined, worked: async () => undefined })
  await set('email.sendgrid.allow_private', 'true')
  await set('email.sendgrid.base_url', down.url)
  await house.mails.send(reset)
  for (let attempt = 0; attempt < 20; attempt++) {
    // Others have work every hour, too.
    expect(await worker.runDue()).toBeGreaterThanOrEqual(1)
    clock.advance(3_600_000)
  }
  expect(await jobs()).toMatchObject([{ state: 'waiting', attempt: 20 }])
  expect(new Set(keys).size).toBe(1)
  expect(keys.length).toBeGreaterThanOrEqual(20)
  await set('email.sendgrid.base_url', sendGrid.url)
  expect(await worker.runDue()).toBeGreaterThanOrEqual(1)
  expect(sendGrid.delivered()).toMatchObject([{ to: 'ada@example.com' }])
  expect(await jobs()).toEqual([])
})

test('a mail that is refused for good is a dead letter that can be sent once more', async () => {
  const sendGrid = await startSendGrid()
  const env = {
    EMAIL_PROVIDER: 'sendgrid',
    SENDGRID_API_KEY: 'SG.wrong-0123456789',
    SENDGRID_FROM: 'a@example.com',
  }
  const { house, set, worker, jobs, clock } = await open(env)
  await set('email.sendgrid.allow_private', 'true')
  await set('email.sendgrid.base_url', sendGrid.url)
  await house.mails.send(reset)
  for (let attempt = 0; attempt < 30; attempt++) {
    await worker.runDue()
    clock.advance(3_600_000)
  }
  const [dead] = await jobs()
  expect(dead).toMatchObject({ state: 'dead', name: 'email.send' })
  await set('email.sendgrid.api_key', sendGridKey)
  expect((await house.jobs.queue.retry(dead?.job_id ?? '')).ok).toBe(true)
  await worker.runDue()
  expect(sendGrid.delivered()).toHaveLength(1)
})

test('what is no mail is refused before it is on the queue', async () => {
  const { house, jobs } = await open()
  const wrong: Mail[] = [
    { ...reset, template: 'no_such' },
    { ...reset, template: '__proto__' },
    { ...reset, data: { name: 'Ada' } },
    { ...reset, to: 'a@example.com\r\nBcc: b@example.com' },
    { ...reset, to: 'a@example.com, b@example.com' },
  ]
  for (const mail of wrong) await expect(house.mails.send(mail)).rejects.toThrow(/mail/)
  expect(await jobs()).toEqual([])
})

test('notes of mails are kept 90 days', async () => {
  const { house, worker, clock } = await open()
  await house.mails.send(reset)
  await worker.runDue()
  const noted = async () => (await house.engine.records.list('email_message', {})).items.length
  clock.advance(90 * 86_400_000)
  await house.mails.forget()
  expect(await noted()).toBe(1)
  clock.advance(1)
  await house.mails.forget()
  expect(await noted()).toBe(0)
})
