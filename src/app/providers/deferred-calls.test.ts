import { describe, expect, it } from 'vitest'
import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { JobHandler, JobQueue, JobRequest } from '#ports/capability/job-queue.ts'
import { createDeferCall } from './deferred-calls.ts'

type Answer = Outcome<Readonly<Record<string, unknown>>>

/** A queue that keeps what it is given, and a service that answers as it is told. */
function world(answers: Answer[]) {
  const jobs: JobRequest[] = []
  const calls: unknown[] = []
  let handler: JobHandler | undefined
  const queue: JobQueue = {
    enqueue: async (job) => {
      jobs.push(JSON.parse(JSON.stringify(job)) as JobRequest)
      return accept({ id: `job_${jobs.length}`, isDuplicate: false })
    },
    register: (_name, given) => {
      handler = given
    },
    recurring: () => undefined,
    list: async () => accept({ jobs: [], has_more: false }),
    retry: async () => accept(undefined),
    delete: async () => accept(undefined),
  }
  const capabilities = {
    call: async (call: unknown) => {
      calls.push(call)
      return answers.shift() ?? accept({})
    },
  } as unknown as Capabilities
  const takes = (_capability: string, action: string) => action === 'send'
  const deferCall = createDeferCall({ queue, capabilities, takes, newKey: () => 'key_1' })
  const attempt = async (index: number) => {
    const job = jobs[index]
    if (job === undefined || handler === undefined) throw new Error('no such job')
    const signal = new AbortController().signal
    return handler({ id: 'job', name: job.name, payload: job.payload, attempt: 1, attempts: 3, signal })
  }
  return { jobs, calls, deferCall, attempt }
}

describe('a call that can wait', () => {
  const email = { capability: 'email', action: 'send', input: { to: 'a@b.example' } }

  it('is answered when it is on the queue, before any provider was asked', async () => {
    const { deferCall, calls, jobs } = world([])
    expect(await deferCall({ ...email, dedupeKey: 'd' })).toEqual(accept({ jobId: 'job_1' }))
    expect(calls).toEqual([])
    expect(jobs[0]).toMatchObject({ dedupeKey: 'd', attempts: 10 })
  })

  it('leaves an outage to the queue as the refusal that it tries again on', async () => {
    const { deferCall, attempt } = world([refuse('service_unavailable', 'down'), accept({ message_id: 'm' })])
    await deferCall(email)
    expect(await attempt(0)).toMatchObject({ ok: false, code: 'service_unavailable' })
    expect(await attempt(0)).toEqual(accept({ message_id: 'm' }))
  })

  it('carries one key through all its attempts, the own one of the caller where there is one', async () => {
    const { deferCall, attempt, calls } = world([])
    await deferCall(email)
    await attempt(0)
    await attempt(0)
    await deferCall({ ...email, input: { ...email.input, idempotency_key: 'mine' } })
    await attempt(1)
    await deferCall({ ...email, action: 'other' })
    await attempt(2)
    expect(calls).toMatchObject([
      { input: { idempotency_key: 'key_1' } },
      { input: { idempotency_key: 'key_1' } },
      { input: { idempotency_key: 'mine' } },
      { input: { to: 'a@b.example' } },
    ])
    expect(calls[3]).not.toHaveProperty('input.idempotency_key')
  })
})
