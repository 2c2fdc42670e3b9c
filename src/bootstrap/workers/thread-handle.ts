import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { DomainEvent } from '#contract/events.ts'
import type { KeyProof } from '#gateway/key-proofs.ts'
import type { Log } from '#ports/log.ts'
import type { FromThread, ThreadData, ThreadReport, ToThread } from './messages.ts'
import type { SharedReads } from './shared-reads.ts'
import type { WatchTimes } from './watch-thread.ts'

/** What tests put into the threads. */
export interface ThreadOptions extends Pick<WorkerOptions, 'execArgv' | 'resourceLimits'> {
  readonly watch?: WatchTimes
  /** How long the main thread waits for one that takes a change in, or says how it is. */
  readonly patienceMs?: number
}

/** The main thread's side of a gateway thread, from its start to its end. */
export interface ThreadHandle {
  /** Resolves when the snapshot is there, rejects when the thread ends before. */
  readonly loaded: Promise<void>
  /** Resolves when the thread has ended, with the error that ended it. Never rejects. */
  readonly ended: Promise<Error | undefined>
  /** Listens, and answers the port; rejects when that is not possible. */
  listen(port: number): Promise<number>
  /** Sends a change; resolves when requests see it, or nobody is left to see anything. */
  follow(events: readonly DomainEvent[]): Promise<void>
  /** Undefined when the thread ended instead. */
  report(): Promise<ThreadReport | undefined>
  /** Resolves when the thread has taken note of it, or has ended. */
  ping(): Promise<void>
  /** Asks the upstreams for their health from now on. */
  check(): void
  /** Takes over what another worker found out about upstreams. */
  believe(down: readonly string[]): void
  /** Finishes the requests under way, at most so long, and ends. */
  close(deadlineMs: number): void
  terminate(): void
}

const entrance = new URL('./gateway-thread.ts', import.meta.url)

/** Starts a gateway thread. */
export function startThread(
  data: ThreadData,
  deps: {
    readonly reads: SharedReads
    readonly log: Log
    readonly options: ThreadOptions
    /** Hears which targets of upstreams fail the checks of this thread. */
    readonly found: (down: readonly string[]) => void
    /** Hears of keys whose slow hash was verified. */
    readonly proven: (proof: KeyProof) => void
  },
): ThreadHandle {
  const { watch: _watch, patienceMs: _patienceMs, ...options } = deps.options
  const worker = new Worker(entrance, { workerData: data, name: `gateway ${data.number}`, ...options })
  const owed = new Map<number, (report: ThreadReport | undefined) => void>()
  const loaded = Promise.withResolvers<void>()
  const listening = Promise.withResolvers<number>()
  const ended = Promise.withResolvers<Error | undefined>()
  // Whoever waits for neither learns of the end by `ended`.
  loaded.promise.catch(() => {})
  listening.promise.catch(() => {})
  let failure: Error | undefined
  let isOver = false
  let lastId = 0

  const send = (message: ToThread): void => worker.postMessage(message)

  function ask(message: (id: number) => ToThread): Promise<ThreadReport | undefined> {
    if (isOver) return Promise.resolve(undefined)
    lastId += 1
    const id = lastId
    return new Promise((resolve) => {
      owed.set(id, resolve)
      send(message(id))
    })
  }

  async function answer({ id, read }: Extract<FromThread, { kind: 'read' }>): Promise<void> {
    try {
      send({ kind: 'rows', id, value: await deps.reads.read(read) })
    } catch (error) {
      deps.log.error({ error, worker: data.number }, 'a gateway thread asked for what could not be read')
      send({ kind: 'unreadable', id, message: 'the database could not be read' })
    }
  }

  worker.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'read':
        void answer(message)
        break
      case 'loaded':
        loaded.resolve()
        break
      case 'listening':
        listening.resolve(message.port)
        break
      case 'unable':
        listening.reject(new Error(message.message))
        break
      case 'down':
        deps.found(message.down)
        break
      case 'proven':
        deps.proven(message.proof)
        break
      case 'done':
        owed.get(message.id)?.(message.report)
        owed.delete(message.id)
        break
      case 'log':
        deps.log[message.level]({ ...message.fields, worker: data.number }, message.message)
    }
  })
  worker.on('error', (error: Error) => {
    failure = error
  })
  worker.on('exit', () => {
    isOver = true
    const reason = failure ?? new Error('the thread has ended')
    loaded.reject(reason)
    listening.reject(reason)
    for (const resolve of owed.values()) resolve(undefined)
    owed.clear()
    ended.resolve(failure)
  })

  return {
    loaded: loaded.promise,
    ended: ended.promise,
    listen(port) {
      send({ kind: 'listen', port })
      return listening.promise
    },
    follow: async (events) => void (await ask((id) => ({ kind: 'changed', id, events }))),
    ping: async () => void (await ask((id) => ({ kind: 'ping', id }))),
    check: () => send({ kind: 'check' }),
    believe: (down) => send({ kind: 'believe', down }),
    report: () => ask((id) => ({ kind: 'report', id })),
    close: (deadlineMs) => send({ kind: 'close', deadlineMs }),
    terminate: () => void worker.terminate(),
  }
}
