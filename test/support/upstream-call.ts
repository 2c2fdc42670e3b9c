import { onTestFinished, vi } from 'vitest'
import { createUpstreamPool } from '#gateway/upstream/pool.ts'
import type {
  UpstreamExchange,
  UpstreamFailure,
  UpstreamListener,
  UpstreamPool,
  UpstreamPoolOptions,
  UpstreamRequest,
} from '#gateway/upstream/types.ts'

/** Everything that a listener was told. */
export interface Called {
  status?: number
  reason?: string
  headers?: string[]
  bodyLength?: number | undefined
  body: string
  trailers?: readonly string[]
  failure?: UpstreamFailure
  detail?: string
  sent?: boolean
}

/** A pool that is closed when the test is over. */
export function openPool(baseUrl: string, options: Partial<UpstreamPoolOptions> = {}): UpstreamPool {
  const pool = createUpstreamPool({ baseUrl, maxIdleConns: 10, idleConnTimeoutMs: 60_000, ...options })
  onTestFinished(() => pool.close())
  return pool
}

/** Lets the clock of pools that are opened from now on stand still until the test is over, but for what `pass` lets go by. */
export function holdPoolClock(): { pass(durationMs: number): void } {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  return { pass: (durationMs) => void vi.advanceTimersByTime(durationMs) }
}

const plain: UpstreamRequest = {
  method: 'GET',
  target: '/',
  headers: 'Host: upstream\r\n',
  body: 'none',
  timeoutMs: 20_000,
}

/** Sends a request and collects what comes, until the end or the failure; anything after that is an error. */
export function call(
  pool: UpstreamPool,
  request: Partial<UpstreamRequest> = {},
  hooks: Partial<UpstreamListener> & { onStart?: (exchange: UpstreamExchange) => void } = {},
): Promise<Called> {
  return new Promise((resolve, reject) => {
    const called: Called = { body: '' }
    let isOver = false
    const finish = (): void => {
      if (isOver) reject(new Error('the listener was called after the end'))
      isOver = true
      resolve(called)
    }
    const exchange = pool.send(
      { ...plain, ...request },
      {
        onHead: (status, reason, headers, bodyLength) => {
          if (called.status !== undefined) reject(new Error('a second head'))
          Object.assign(called, { status, reason, headers, bodyLength })
          hooks.onHead?.(status, reason, headers, bodyLength)
        },
        onData: (chunk) => {
          called.body += chunk.toString('latin1')
          return hooks.onData?.(chunk) ?? true
        },
        onEnd: (last, trailers) => {
          called.body += last?.toString('latin1') ?? ''
          called.trailers = trailers
          hooks.onEnd?.(last, trailers)
          finish()
        },
        onFailure: (failure, detail, sent) => {
          Object.assign(called, { failure, detail, sent })
          hooks.onFailure?.(failure, detail, sent)
          finish()
        },
        onDrain: () => hooks.onDrain?.(),
      },
    )
    hooks.onStart?.(exchange)
  })
}
