import { isMainThread, type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'
import { openJournalSegments } from '#adapters/journal/read-segments.ts'
import { createKeyUse } from '#adapters/sql/key-use.ts'
import { openDatabase } from '#adapters/sql/open-database.ts'
import { createUsageStore } from '#adapters/sql/usage-store.ts'
import type { RequestsSeen } from '#ports/live-requests.ts'
import type { Log } from '#ports/log.ts'
import { createRequestFeed, type RequestFeed } from '#worker/request-feed.ts'
import { createUsageWriter, type DrainResult } from '#worker/usage-writer.ts'

/** Where the thread reads from and writes to, and who hears of it. */
export interface UsageThreadOptions {
  readonly databaseDsn: string
  readonly journalDirectory: string
  readonly log: Log
  /** How far the time of the instance is before the machine's. */
  readonly aheadMs?: () => number
  readonly intervalMs?: number
  /** Is told of the requests that the thread stores, while somebody follows it. */
  readonly requests?: RequestFeed
  /** Called when the thread has crashed; it is started again by itself. */
  readonly onError?: (error: Error) => void
}

/** The writer of the usage table, on a thread and a database connection of its own. */
export interface UsageThread {
  /** Moves everything that is in the journal now into the usage table. */
  drain(): Promise<DrainResult>
  /** Ends the thread after one last drain; what a stuck drain leaves in the journal is moved by the next start. */
  stop(): Promise<void>
  /** How old the oldest event is that is known to wait; grows while the thread does not report. */
  lagMs(): number
}

interface ThreadData {
  readonly role: 'usage-writer'
  readonly databaseDsn: string
  readonly journalDirectory: string
  readonly intervalMs: number
  readonly aheadMs: number
  /** One number: 0 while nobody looks on, and another for each time that somebody begins to. */
  readonly watched: Int32Array
}

type Request =
  | { readonly kind: 'drain'; readonly id: number; readonly aheadMs: number }
  | { readonly kind: 'stop' }

type Report =
  | { readonly kind: 'requests'; readonly seen: RequestsSeen }
  | { readonly kind: 'drained'; readonly id: number; readonly result: DrainResult }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'lag'; readonly lagMs: number }
  | { readonly kind: 'log'; readonly level: keyof Log; readonly fields: object; readonly message: string }

interface PendingDrain {
  readonly resolve: (result: DrainResult) => void
  readonly reject: (error: Error) => void
}

const reportIntervalMs = 1000
const maxRestartDelayMs = 30_000
const stopTimeoutMs = 30_000

/** Starts the thread. A crashed thread is logged and started again, and drains that it owed are asked for anew. */
export function startUsageThread(options: UsageThreadOptions): UsageThread {
  const {
    databaseDsn,
    journalDirectory,
    log,
    aheadMs = () => 0,
    intervalMs = 250,
    onError,
    requests,
  } = options
  // In memory that both threads see: a message would wait for the end of what the thread is storing, and of that nothing would be told.
  const watched = new Int32Array(new SharedArrayBuffer(4))
  const data = { role: 'usage-writer', databaseDsn, journalDirectory, intervalMs, watched } as const
  const pending = new Map<number, PendingDrain>()
  let lastId = 0
  let reported = { lagMs: 0, at: Date.now() }
  let restartDelayMs = 250
  let restart: NodeJS.Timeout | undefined
  let timesWatched = 0
  let isStopping = false
  let onExit: (() => void) | undefined
  let worker: Worker | undefined = launch()
  requests?.onWatched((isWatched) => {
    if (isWatched) timesWatched += 1
    Atomics.store(watched, 0, isWatched ? timesWatched : 0)
  })

  function launch(): Worker {
    const started = new Worker(new URL(import.meta.url), {
      workerData: { ...data, aheadMs: aheadMs() } satisfies ThreadData,
    })
    started.on('message', receive)
    started.on('error', crashed)
    started.on('exit', exited)
    for (const id of pending.keys())
      started.postMessage({ kind: 'drain', id, aheadMs: aheadMs() } satisfies Request)
    return started
  }

  function receive(report: Report): void {
    if (report.kind === 'log') {
      log[report.level](report.fields, report.message)
      return
    }
    if (report.kind === 'requests') {
      requests?.tell(report.seen)
      return
    }
    if (report.kind === 'lag') {
      reported = { lagMs: report.lagMs, at: Date.now() }
      restartDelayMs = 250
      return
    }
    const drain = pending.get(report.id)
    pending.delete(report.id)
    if (report.kind === 'drained') drain?.resolve(report.result)
    else drain?.reject(new Error(report.message))
  }

  function crashed(error: Error): void {
    log.error({ err: error }, 'the usage writer crashed and is started again')
    onError?.(error)
  }

  function exited(): void {
    worker = undefined
    if (isStopping) {
      for (const drain of pending.values()) drain.reject(new Error('the usage writer was stopped'))
      pending.clear()
      onExit?.()
      return
    }
    restart = setTimeout(() => {
      worker = launch()
    }, restartDelayMs)
    restartDelayMs = Math.min(restartDelayMs * 2, maxRestartDelayMs)
  }

  return {
    drain() {
      if (isStopping) return Promise.reject(new Error('the usage writer was stopped'))
      lastId += 1
      const id = lastId
      worker?.postMessage({ kind: 'drain', id, aheadMs: aheadMs() } satisfies Request)
      return new Promise((resolve, reject) => pending.set(id, { resolve, reject }))
    },
    stop() {
      isStopping = true
      clearTimeout(restart)
      const running = worker
      if (running === undefined) return Promise.resolve()
      return new Promise((resolve) => {
        const deadline = setTimeout(() => running.terminate(), stopTimeoutMs)
        onExit = () => {
          clearTimeout(deadline)
          resolve()
        }
        running.postMessage({ kind: 'stop' } satisfies Request)
      })
    },
    lagMs() {
      const silentMs = Date.now() - reported.at
      return reported.lagMs + (silentMs > 2 * reportIntervalMs ? silentMs : 0)
    },
  }
}

/** Connections of the thread: one that writes, and one to spare for a drain that was asked for. */
const mostConnections = 2

async function runThread(port: MessagePort, data: ThreadData): Promise<void> {
  const database = await openDatabase(data.databaseDsn, { mostConnections })
  const send = (report: Report) => port.postMessage(report)
  const logTo = (level: keyof Log) => (fields: object, message: string) =>
    send({ kind: 'log', level, fields, message })
  let aheadMs = data.aheadMs
  const now = (): number => Date.now() + aheadMs
  const keyUse = createKeyUse(database.db, now)
  const requests = createRequestFeed()
  let watchedFor = 0
  let endWatch: (() => void) | undefined
  const writer = createUsageWriter({
    keyUse,
    onStored(events) {
      watch(Atomics.load(data.watched, 0))
      requests.note(events)
    },
    segments: openJournalSegments(data.journalDirectory),
    store: createUsageStore(database.db),
    clock: { now },
    log: { debug: logTo('debug'), info: logTo('info'), warn: logTo('warn'), error: logTo('error') },
  })
  const reporting = setInterval(() => send({ kind: 'lag', lagMs: writer.lagMs() }), reportIntervalMs)

  function watch(time: number): void {
    if (time === watchedFor) return
    watchedFor = time
    endWatch?.()
    endWatch = time === 0 ? undefined : requests.follow((seen) => send({ kind: 'requests', seen }))
  }

  async function drain(id: number): Promise<void> {
    try {
      const result = await writer.drain()
      // Usage is stored whatever becomes of this.
      await keyUse
        .flush()
        .catch((error: unknown) =>
          logTo('warn')({ err: error }, 'when keys were used could not be written down'),
        )
      send({ kind: 'drained', id, result })
    } catch (error) {
      send({ kind: 'failed', id, message: String(error) })
    }
  }

  async function stop(): Promise<void> {
    await writer.stop()
    await database.close()
    clearInterval(reporting)
    watch(0)
    port.close()
  }

  port.on('message', (request: Request) => {
    if (request.kind === 'stop') return stop()
    aheadMs = request.aheadMs
    return drain(request.id)
  })
  writer.start(data.intervalMs)
}

if (
  !isMainThread &&
  parentPort !== null &&
  (workerData as Partial<ThreadData> | null)?.role === 'usage-writer'
) {
  // A failure ends the thread, which the one who started it hears of.
  await runThread(parentPort, workerData as ThreadData)
}
