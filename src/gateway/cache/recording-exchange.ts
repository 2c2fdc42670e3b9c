import { judgeKeeping, type Keeping } from '#domain/cache/storing.ts'
import type { Clock } from '#ports/clock.ts'
import { headerOf } from '../measure/flat-headers.ts'
import { withoutHeaders } from '../transform/header-lines.ts'
import type { UpstreamExchange, UpstreamFailure, UpstreamListener } from '../upstream/types.ts'
import type { HeaderList } from '../wire/header-list.ts'
import { answerFromStore, keptHeaders, renewedHeaders } from './answer-from-store.ts'
import { type AskedAnswer, ageMsOf } from './asked-answer.ts'
import type { FetchWatch } from './fetches.ts'
import type { Candidate, StoredAnswer, StoredHead } from './stored-answers.ts'

/** Who gets an answer, and is told whether the upstream was not needed for it. */
export interface CacheListener extends UpstreamListener {
  isFromCache: boolean
}

/** What one recording needs. */
export interface Recording {
  readonly clock: Clock
  readonly listener: CacheListener
  readonly asked: AskedAnswer
  readonly candidate: Candidate
  /** Hears how far the answer has come. */
  readonly watch: FetchWatch
  /** What is kept but has to be asked for again. */
  readonly stale: StoredAnswer | undefined
}

const cacheWord: ReadonlySet<string> = new Set(['x-cache'])

/** One request that the upstream is asked: its answer passes as it comes, and is kept once it is complete. */
export class RecordingExchange implements UpstreamListener, UpstreamExchange {
  private readonly recording: Recording
  private readonly listener: CacheListener
  private readonly sentAtMs: number
  private inner: UpstreamExchange | undefined
  private answer: StoredHead | undefined
  private chunks: Buffer[] = []
  private bytes = 0
  private renewed: StoredAnswer | undefined

  constructor(recording: Recording) {
    this.recording = recording
    this.listener = recording.listener
    this.sentAtMs = recording.clock.now()
  }

  /** Begins; what `send` throws goes on to the caller. */
  start(send: (listener: UpstreamListener) => UpstreamExchange): this {
    try {
      this.inner = send(this)
    } catch (error) {
      this.recording.candidate.drop()
      this.recording.watch.onGone()
      throw error
    }
    return this
  }

  get isRequestSent(): boolean {
    return this.inner?.isRequestSent === true
  }

  write(chunk: Buffer): boolean {
    return this.inner?.write(chunk) ?? true
  }

  end(chunk?: Buffer, trailers?: string): void {
    this.inner?.end(chunk, trailers)
  }

  pause(): void {
    this.inner?.pause()
  }

  resume(): void {
    this.inner?.resume()
  }

  abort(): void {
    this.forget()
    this.recording.watch.onGone()
    this.inner?.abort()
  }

  onHead(status: number, reason: string, headers: HeaderList, bodyLength: number | undefined): void {
    const { stale, asked, watch } = this.recording
    if (stale !== undefined && status === 304) {
      this.renew(stale, headers)
      watch.onHead(this.answer)
      return
    }
    this.answer = this.keepable(status, reason, keptHeaders(headers))
    if ((bodyLength ?? 0) > asked.rules.maxBodyBytes) this.forget()
    watch.onHead(this.answer)
    this.listener.onHead(
      status,
      reason,
      [...withoutHeaders(headers, cacheWord), 'X-Cache', 'miss'],
      bodyLength,
    )
  }

  onData(chunk: Buffer): boolean {
    if (this.renewed !== undefined) return true
    this.record(chunk)
    return this.listener.onData(chunk)
  }

  onEnd(last: Buffer | undefined, trailers: readonly string[]): void {
    const { renewed } = this
    if (renewed !== undefined) {
      this.finish(renewed)
      this.listener.isFromCache = true
      const { asked, clock } = this.recording
      answerFromStore(this.listener, renewed, { ...asked, ageMs: ageMsOf(renewed, clock.now()) })
      return
    }
    if (last !== undefined) this.record(last)
    this.finish({ body: Buffer.concat(this.chunks) })
    this.listener.onEnd(last, trailers)
  }

  onFailure(failure: UpstreamFailure, detail: string, sent: boolean, retryAfterMs?: number): void {
    this.forget()
    this.recording.watch.onOver(false)
    this.listener.onFailure(failure, detail, sent, retryAfterMs)
  }

  onDrain(): void {
    this.listener.onDrain()
  }

  private record(chunk: Buffer): void {
    if (this.answer === undefined) return
    this.bytes += chunk.length
    if (this.bytes <= this.recording.asked.rules.maxBodyBytes) {
      this.chunks.push(chunk)
      return
    }
    this.forget()
    this.recording.watch.onOver(false)
  }

  /** All of the answer is there: keeps it, where it may be kept. */
  private finish({ body }: Pick<StoredAnswer, 'body'>): void {
    const { candidate, watch } = this.recording
    const isKept = this.answer !== undefined && candidate.keep({ ...this.answer, body })
    if (!isKept) candidate.drop()
    watch.onOver(isKept)
  }

  private forget(): void {
    this.answer = undefined
    this.chunks = []
    this.recording.candidate.drop()
  }

  private renew(stale: StoredAnswer, told: readonly string[]): void {
    const headers = renewedHeaders(stale.headers, told)
    this.answer = this.keepable(stale.status, stale.reason, headers)
    this.renewed = { ...(this.answer ?? { ...stale, headers }), body: stale.body }
  }

  private keepable(status: number, reason: string, headers: string[]): StoredHead | undefined {
    const { asked, clock } = this.recording
    const { method, rules, hasCredentials, requestHeader } = asked
    if (method !== 'GET') return undefined
    const now = clock.now()
    const keeping: Keeping | undefined = judgeKeeping(
      { status, header: (name) => headerOf(headers, name) },
      { hasCredentials, defaultSeconds: rules.ttlSeconds, requestMs: now - this.sentAtMs },
      now,
    )
    if (keeping === undefined) return undefined
    const { lifetimeMs, ageMs, isForAnyone, vary } = keeping
    const chosenBy = vary.map((name) => [name, requestHeader(name) ?? ''] as const)
    return { status, reason, headers, vary: chosenBy, lifetimeMs, bornAtMs: now - ageMs, isForAnyone }
  }
}
