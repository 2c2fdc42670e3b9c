import pg from 'pg'
import { lockClass } from './postgres-dialect.ts'

const firstDelayMs = 100
const mostDelayMs = 10_000
const heartbeatMs = 15_000

/**
 * Listens for commits of other processes on a connection of its own, and makes a new one whenever it breaks, with growing pauses. Calls `wake`
 * for each commit, and after each connection, because something may have been missed. Answers how to stop.
 */
export function listenForCommits(config: pg.ClientConfig, wake: () => void): () => void {
  let isStopped = false
  let delayMs = firstDelayMs
  let timer: NodeJS.Timeout | undefined
  let client: pg.Client | undefined

  function later(work: () => void, ms: number): void {
    if (isStopped) return
    timer = setTimeout(work, ms)
    timer.unref()
  }

  function retry(broken: pg.Client): void {
    if (client !== broken) return
    client = undefined
    clearTimeout(timer)
    void broken.end().catch(() => undefined)
    later(connect, delayMs)
    delayMs = Math.min(delayMs * 2, mostDelayMs)
  }

  /** Finds out that the other side is gone also where nothing was sent that could have failed. */
  function beat(current: pg.Client): void {
    later(() => {
      current.query('select 1').then(
        () => beat(current),
        () => retry(current),
      )
    }, heartbeatMs)
  }

  function connect(): void {
    const current = new pg.Client({ ...config, query_timeout: heartbeatMs })
    client = current
    current.on('error', () => retry(current))
    current.on('end', () => retry(current))
    current.on('notification', wake)
    listen(current).then(
      () => {
        if (isStopped || client !== current) return void current.end().catch(() => undefined)
        delayMs = firstDelayMs
        wake()
        beat(current)
      },
      () => retry(current),
    )
  }

  connect()
  return () => {
    isStopped = true
    clearTimeout(timer)
    const last = client
    client = undefined
    void last?.end().catch(() => undefined)
  }
}

async function listen(client: pg.Client): Promise<void> {
  await client.connect()
  const { rows } = await client.query<{ channel: string }>(
    "select quote_ident('apigate_' || left(current_schema(), 50)) as channel",
  )
  await client.query(`select pg_try_advisory_lock_shared(${lockClass.serving}, hashtext(current_schema()))`)
  await client.query(`listen ${rows[0]?.channel}`)
}

/** Lets any number of listeners share one connection, which is there as long as one of them listens. */
export function shareListener(start: (wake: () => void) => () => void): (wake: () => void) => () => void {
  const wakes = new Set<() => void>()
  let stop: (() => void) | undefined
  return (wake) => {
    // Its own value, so that the same function can listen twice.
    const one = (): void => wake()
    wakes.add(one)
    stop ??= start(() => {
      for (const each of wakes) each()
    })
    return () => {
      wakes.delete(one)
      if (wakes.size > 0) return
      stop?.()
      stop = undefined
    }
  }
}
