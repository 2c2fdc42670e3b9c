import { Agent, type RequestOptions, request } from 'node:http'

/** An answer that was received to its last byte. */
export interface Received {
  readonly status: number
  readonly id: string
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Sends one request; undefined when no whole answer came back. `false` as agent takes a connection of its own. */
export function ask(
  url: string,
  key: string,
  options: RequestOptions = { agent: false },
): Promise<Received | undefined> {
  return new Promise((done) => {
    request(url, { ...options, headers: { 'x-api-key': key, ...options.headers } }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('error', () => done(undefined))
      response.on('end', () =>
        done({
          status: response.statusCode ?? 0,
          id: String(response.headers['x-request-id']),
          body,
          headers: response.headers,
        }),
      )
    })
      .on('error', () => done(undefined))
      .end()
  })
}

/** Requests that go on and on. */
export interface Bombardment {
  /** The ids of all 200 answers that were received whole. */
  readonly ids: readonly string[]
  /** How many answers were another status. */
  readonly refused: number
  /** Resolves when so many were received. */
  reached(count: number): Promise<void>
  /** Sends nothing more; resolves when the last answer is there or lost. */
  stop(): Promise<void>
  /** Resolves when nobody answers any more. */
  readonly ended: Promise<void>
}

/** Keeps a server busy over so many connections; `goesOn` opens a new one for every one that is lost. */
export function bombard(url: string, key: string, concurrency: number, goesOn = false): Bombardment {
  const ids: string[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  let isStopped = false
  let refused = 0

  async function one(): Promise<void> {
    while (!isStopped) {
      const answer = await ask(url, key, { agent })
      if (answer?.status === 200) ids.push(answer.id)
      else {
        if (answer !== undefined) refused += 1
        if (!goesOn) return
      }
      for (const { count, resolve } of waiting) if (ids.length >= count) resolve()
    }
  }
  const ended = Promise.all(Array.from({ length: concurrency }, one)).then(() => agent.destroy())
  return {
    ids,
    get refused() {
      return refused
    },
    reached: (count) => new Promise((resolve) => waiting.push({ count, resolve })),
    async stop() {
      isStopped = true
      await ended
    },
    ended,
  }
}
