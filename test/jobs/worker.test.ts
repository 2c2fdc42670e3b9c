import { expect, onTestFinished, test, vi } from 'vitest'
import { readCron } from '#adapters/schedule/cron.ts'
import type { OpenJobQueue } from '#app/jobs/job-queue.ts'
import { accept, Fault, refuse } from '#contract/outcome.ts'
import type { Job } from '#ports/capability/job-queue.ts'
import { providerHouse } from '#test/support/provider-house.ts'
import { startUpstream } from '#test/support/upstream.ts'
import { createJobWorker } from '#worker/job-worker.ts'

async function open(env: Record<string, string> = {}, mostAtOnce = 4) {
  const opened = await providerHouse({ env })
  const { house, clock } = opened
  const results: string[] = []
  const dead: string[] = []
  const worker = createJobWorker({
    jobs: house.jobs.queue,
    capabilities: house.providers.capabilities,
    clock,
    log: house.log,
    metrics: { jobDone: (result) => void results.push(result), jobsWaiting() {} },
    chance: () => 1,
    mostAtOnce,
    leaseMs: 60_000,
    onDead: ({ name, error }) => void dead.push(`${name}: ${error}`),
  })
  return { ...opened, queue: house.jobs.queue, worker, results, dead }
}

const sendGridKey = 'SG.key-0123456789abcdef'

test('a call of a provider that is down waits in the queue and arrives once when it is up again', async () => {
  const upstream = await startUpstream()
  onTestFinished(upstream.close)
  let isUp = false
  const mails: string[] = []
  upstream.answer((_request, response, { body }) => {
    if (isUp) mails.push(body)
    response.writeHead(isUp ? 202 : 503, { 'x-message-id': 'm1' }).end()
  })
  const env = { EMAIL_PROVIDER: 'sendgrid', SENDGRID_API_KEY: sendGridKey, SENDGRID_FROM: 'a@example.com' }
  const { house, set, clock, queue, worker, results } = await open(env)
  // What looks after outages has a job of its own.
  house.providers.watchBy({ failed: async () => undefined, worked: async () => undefined })
  await set('email.sendgrid.base_url', upstream.url)
  await set('email.sendgrid.allow_private', 'true')
  const input = { to: 'b@example.com', subject: 'S', text: 'T', idempotency_key: 'k' }
  const later = await house.jobs.deferCall({ capability: 'email', action: 'send', input })
  expect(later.ok).toBe(true)
  expect(await worker.runDue()).toBe(1)
  expect(await worker.runDue()).toBe(0)
  const listed = await ownJobs(queue)
  expect(listed.ok && listed.value.jobs).toMatchObject([{ state: 'waiting', attempt: 1 }])
  expect(listed.ok && listed.value.jobs[0]?.error).toContain('sendgrid')
  expect(listed.ok && listed.value.jobs[0]?.error).not.toContain(sendGridKey)
  clock.advance(15_000)
  expect(await worker.runDue()).toBe(1)
  isUp = true
  clock.advance(29_999)
  expect(await worker.runDue()).toBe(0)
  clock.advance(1)
  expect(await worker.runDue()).toBe(1)
  expect(mails).toHaveLength(1)
  expect(results).toEqual(['retried', 'retried', 'done'])
})

test('a refusal that would be the same again is a dead letter at once, what is thrown is tried again and shows no secret', async () => {
  const { queue, worker, results, dead } = await open()
  queue.register('refuse', async () => refuse('validation_error', 'to is not valid'))
  queue.register('throw', async () => {
    throw new Error('password=hunter2')
  })
  queue.register('fault', async () => {
    throw new Fault('upstream_error', 'is gone')
  })
  for (const name of ['refuse', 'throw', 'fault']) await queue.enqueue({ name, payload: {} })
  await worker.runDue()
  expect(dead).toEqual(['refuse: to is not valid'])
  expect(results.toSorted()).toEqual(['dead', 'retried', 'retried'])
  const listed = await ownJobs(queue)
  expect(listed.ok && listed.value.jobs.map(({ error }) => error)).toEqual([
    'is gone',
    'failed on our side',
    'to is not valid',
  ])
})

test('no more jobs run at once than allowed', async () => {
  const { queue, worker } = await open({}, 2)
  let [now, most] = [0, 0]
  queue.register('work', async () => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setImmediate(resolve))
    now -= 1
    return accept(undefined)
  })
  for (let n = 0; n < 9; n++) await queue.enqueue({ name: 'work', payload: { n } })
  expect(await worker.runDue()).toBe(9)
  expect(most).toBe(2)
})

test('stopping lets a job finish that does so in time, and gives the others back without counting the attempt', async () => {
  const { queue, worker, results } = await open()
  const started = Promise.withResolvers<void>()
  const quick = Promise.withResolvers<void>()
  const seen: Job[] = []
  queue.register('quick', async () => {
    await quick.promise
    return accept(undefined)
  })
  queue.register('endless', (job) => {
    seen.push(job)
    started.resolve()
    return new Promise(() => undefined)
  })
  await queue.enqueue({ name: 'quick', payload: {} })
  await queue.enqueue({ name: 'endless', payload: {} })
  worker.start()
  await started.promise
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const stopped = worker.stop(50)
  quick.resolve()
  await expect.poll(() => results).toEqual(['done'])
  // Time goes on only now, as often as it takes: the patience begins when the loop has ended.
  while (seen[0]?.signal.aborted === false) {
    vi.advanceTimersByTime(50)
    await new Promise(setImmediate)
  }
  await stopped
  expect(seen[0]?.signal.aborted).toBe(true)
  expect(results).toEqual(['done'])
  const listed = await ownJobs(queue)
  expect(listed.ok && listed.value.jobs).toMatchObject([{ name: 'endless', state: 'waiting', attempt: 0 }])
})

test('a schedule runs once for each of its times however many processes keep it, and once for a time that nobody was there for', async () => {
  const { queue, worker, clock } = await open()
  const cron = readCron('0 * * * *')
  if (!cron.ok) throw new Error(cron.message)
  const at: string[] = []
  queue.register('tick', async () => {
    at.push(new Date(clock.now()).toISOString())
    return accept(undefined)
  })
  const hourly = { schedule: 'hourly', recurrence: cron.value, name: 'tick', payload: {} }
  queue.recurring(async () => [hourly, hourly])
  await worker.runDue()
  expect(at).toEqual([])
  clock.set('2026-11-20T13:00:00.000Z')
  await worker.runDue()
  await worker.runDue()
  expect(at).toEqual(['2026-11-20T13:00:00.000Z'])
  clock.set('2026-11-20T19:30:00.000Z')
  await worker.runDue()
  await worker.runDue()
  clock.set('2026-11-20T20:00:00.000Z')
  await worker.runDue()
  expect(at.slice(1)).toEqual(['2026-11-20T19:30:00.000Z', '2026-11-20T20:00:00.000Z'])
})

/** The jobs of a test, without those that the product itself does by the hour. */
async function ownJobs(queue: OpenJobQueue) {
  const listed = await queue.list({})
  if (!listed.ok) return listed
  const hourly = /^(?:billing|payments|subscriptions?|webhooks?|keys?)\./
  return { ok: true as const, value: { jobs: listed.value.jobs.filter(({ name }) => !hourly.test(name)) } }
}
