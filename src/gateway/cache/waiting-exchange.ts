import type { UpstreamExchange, UpstreamListener } from '../upstream/types.ts'
import type { Waiter } from './fetches.ts'
import type { StoredHead } from './stored-answers.ts'

/** What one who waits needs. */
export interface Waiting {
  fits(head: StoredHead): boolean
  /** Answers the request in some other way than by this wait. */
  go(mayWait: boolean): UpstreamExchange
  readonly listener: UpstreamListener
}

/** An exchange of a request without a body, that begins only after another one has been waited for. */
export class WaitingExchange implements UpstreamExchange, Waiter {
  private readonly waiting: Waiting
  private inner: UpstreamExchange | undefined
  private isOver = false
  private leave: (() => void) | undefined

  constructor(waiting: Waiting) {
    this.waiting = waiting
  }

  /** Begins to wait, where `join` finds somebody to wait for. */
  start(join: (waiter: Waiter) => (() => void) | undefined): boolean {
    this.leave = join(this)
    return this.leave !== undefined
  }

  fits(head: StoredHead): boolean {
    return this.waiting.fits(head)
  }

  goOn(mayWait: boolean): void {
    if (this.isOver) return
    try {
      this.inner = this.waiting.go(mayWait)
    } catch (error) {
      this.isOver = true
      this.waiting.listener.onFailure('protocol', String(error), false)
    }
  }

  get isRequestSent(): boolean {
    return this.inner?.isRequestSent === true
  }

  write(): boolean {
    return true
  }

  end(): void {}

  pause(): void {
    this.inner?.pause()
  }

  resume(): void {
    this.inner?.resume()
  }

  abort(): void {
    this.isOver = true
    this.leave?.()
    this.inner?.abort()
  }
}
