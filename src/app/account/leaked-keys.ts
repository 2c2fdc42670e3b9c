import { systemActor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, type Refusal } from '#contract/outcome.ts'
import { isKeyShaped } from '#domain/key.ts'
import type { JobQueue } from '#ports/capability/job-queue.ts'
import type { Clock } from '#ports/clock.ts'
import type { TokenDigest } from '#ports/hashing.ts'
import type { Ids } from '#ports/ids.ts'
import type { InvokeAll } from '#ports/invoke.ts'
import type { Records } from '#ports/records.ts'
import { createAttemptLedger } from '../identity/attempt-ledger.ts'
import { addressKey, tooOften } from './attempts.ts'
import type { Background } from './background.ts'
import type { FindSlowHash } from './find-slow-hash.ts'
import type { KeyNotices } from './key-notices.ts'

/** The text of a key and where it was found. */
export interface LeakReport {
  readonly token: string
  readonly source: string
}

/** Takes reports of anybody. Only who reports too often hears of it: nothing tells whether a key is one. */
export type ReportLeaks = (reports: readonly LeakReport[], address: string) => Promise<Outcome<undefined>>

const jobName = 'key.leaked'
const attempts = 30

/**
 * Every report is a job, of known keys or not, so that answer and time are the same; it holds digests and never a key. Whoever has the
 * text of a key could use it: it is revoked, or only flagged where the setting `auth.leaked_keys` says `flag`.
 */
export function createReportLeaks(deps: {
  readonly queue: Pick<JobQueue, 'enqueue' | 'register'>
  readonly tokenDigest: TokenDigest
  readonly records: Records
  readonly invokeAll: InvokeAll
  readonly notices: KeyNotices
  readonly findSlowHash: FindSlowHash
  readonly background: Background
  readonly ids: Ids
  readonly clock: Clock
}): ReportLeaks {
  const { queue, tokenDigest, clock } = deps
  const ledger = createAttemptLedger({ free: 30, longestWaitMs: 5 * 60_000, maxEntries: 10_000 })
  queue.register(jobName, async ({ payload }) => {
    for (const { digest, source } of payload['found'] as readonly Found[]) {
      const refusal = await endLeaked(deps, digest, source)
      if (refusal !== undefined) return refusal
    }
    return accept(undefined)
  })
  return async (reports, address) => {
    const key = addressKey(address)
    const waitMs = ledger.waitMs(key, clock.now())
    if (waitMs > 0) return tooOften('Too many reports', waitMs)
    ledger.count(key, clock.now())
    const found = reports.map(({ token, source }) => ({
      digest: isKeyShaped(token) ? tokenDigest.digest(token) : '',
      source,
    }))
    const added = await queue.enqueue({ name: jobName, payload: { found }, attempts })
    if (!added.ok) throw new Fault(added.code, 'a report of leaked keys could not be put on the queue')
    // A key that only a slow hash is stored of cannot be looked up, and its text must not wait in the queue.
    for (const { token, source } of reports)
      deps.background.start('leaked key', async () => {
        const digest = await deps.findSlowHash(token)
        if (digest === undefined) return
        await queue.enqueue({ name: jobName, payload: { found: [{ digest, source }] }, attempts })
      })
    return accept(undefined)
  }
}

interface Found {
  readonly digest: string
  readonly source: string
}

/** Flags one key, revokes it unless the setting spares it, and tells those whom it concerns. Done again, it changes nothing more. */
async function endLeaked(
  deps: Pick<Parameters<typeof createReportLeaks>[0], 'records' | 'invokeAll' | 'notices' | 'ids' | 'clock'>,
  digest: string,
  source: string,
): Promise<Refusal | undefined> {
  const { records } = deps
  const key = digest === '' ? undefined : await records.getBy('api_key', 'hash', digest)
  if (key === undefined) return undefined
  const isSpared = (await records.getBy('setting', 'key', 'auth.leaked_keys'))?.value === 'flag'
  const call = { actor: systemActor, requestId: deps.ids.next('req'), module: 'api_key', id: key.id }
  const calls = [
    ...(key.leaked_at === null ? [{ ...call, action: 'flag_leak' }] : []),
    ...(key.revoked_at === null && !isSpared ? [{ ...call, action: 'revoke' }] : []),
  ]
  if (calls.length > 0) {
    const done = await deps.invokeAll(calls)
    if (!done.ok) return done
  }
  await deps.notices.leaked(key, {
    source: source === '' ? 'not told' : source,
    outcome: isSpared ? 'It still works: revoke it now.' : 'It was revoked: it is refused from now on.',
    time: new Date(deps.clock.now()).toISOString(),
  })
  return undefined
}
