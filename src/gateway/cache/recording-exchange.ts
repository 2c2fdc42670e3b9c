import { judgeKeeping, type Keeping } from '#domain/cache/storing.ts'
import type { Clock } from '#ports/clock.ts'
import { headerOf } from '../measure/flat-headers.ts'
import { withoutHeaders } from '../transform/header-lines.ts'
import type { UpstreamExchange, UpstreamFailure, UpstreamListener } from '../upstream/types.ts'
import type { HeaderList } from '../wire/header-list.ts'
import { answerFromStore, keptHeaders, renewedHeaders } from './answer-from-store.ts'
import type { AskedAnswer, CacheListener } from './response-cache.ts'
import type { Candidate, StoredAnswer } from './stored-answers.ts'

const cacheWord: ReadonlySet<string> = new Set(['x-cache'])

/** One request that the upstream is asked: its answer passes as it comes, and is kept once it is complete. */
export class RecordingExchange implements UpstreamListener, UpstreamExchange {
  private readonly clock: Clock
  private readonly listener: CacheListener
  private readonly asked: AskedAnswer
  private readonly candidate: Candidate
  /** What is kept but has to be asked for again. */
  private readonly stale: StoredAnswer | undefined
  private readonly sentAtMs: number
  private inner: UpstreamExchange | undefined
  private answer: Omit<StoredAnswer, 'body'> | undefined
  private chunks: Buffer[] = []
  private bytes = 0
  private renewed: StoredAnswer | undefined

  constructor(
    clock: Clock,
    listener: CacheListener,
    asked: AskedAnswer,
    candidate: Candidate,
    stale: StoredAnswer | undefined,
  ) {
    this.clock = clock
    this.listener = listener
    this.asked = asked
    this.candidate = candidate
    this.stale = stale
    this.sentAtMs = clock.now()
  }

  /** Begins; what `send` throws goes on to the caller. */
  start(send: (listener: UpstreamListener) => UpstreamExchange): this {
    try {
      this.inner = send(this)
    } catch (error) {
      this.candidate.drop()
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
    this.inner?.abort()
  }

  onHead(status: number, reason: string, headers: HeaderList, bodyLength: number | undefined): void {
    const { stale } = this
    if (stale !== undefined && status === 304) {
      this.renew(stale, headers)
      return
    }
    this.answer = this.keepable(status, reason, keptHeaders(headers))
    if ((bodyLength ?? 0) > this.asked.rules.maxBodyBytes) this.forget()
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
    const { answer, renewed, asked } = this
    if (renewed !== undefined) {
      if (answer === undefined) this.candidate.drop()
      else this.candidate.keep(renewed)
      this.listener.isFromCache = true
      const ageMs = Math.max(0, this.clock.now() - renewed.bornAtMs)
      answerFromStore(this.listener, renewed, { ...asked, ageMs })
      return
    }
    if (last !== undefined) this.record(last)
    if (this.answer === undefined) this.candidate.drop()
    else this.candidate.keep({ ...this.answer, body: Buffer.concat(this.chunks) })
    this.listener.onEnd(last, trailers)
  }

  onFailure(failure: UpstreamFailure, detail: string, sent: boolean, retryAfterMs?: number): void {
    this.forget()
    this.candidate.drop()
    this.listener.onFailure(failure, detail, sent, retryAfterMs)
  }

  onDrain(): void {
    this.listener.onDrain()
  }

  private record(chunk: Buffer): void {
    if (this.answer === undefined) return
    this.bytes += chunk.length
    if (this.bytes > this.asked.rules.maxBodyBytes) this.forget()
    else this.chunks.push(chunk)
  }

  private forget(): void {
    this.answer = undefined
    this.chunks = []
    this.candidate.drop()
  }

  private renew(stale: StoredAnswer, told: readonly string[]): void {
    const headers = renewedHeaders(stale.headers, told)
    this.answer = this.keepable(stale.status, stale.reason, headers)
    this.renewed = { ...(this.answer ?? { ...stale, headers }), body: stale.body }
  }

  private keepable(
    status: number,
    reason: string,
    headers: string[],
  ): Omit<StoredAnswer, 'body'> | undefined {
    const { method, rules, hasCredentials, requestHeader } = this.asked
    if (method !== 'GET') return undefined
    const now = this.clock.now()
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
