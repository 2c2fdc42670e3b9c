/**
 * CPU per request of the gateway's upstream client beside `node:http` with a keep-alive agent: the same small GET, 32 in
 * flight, against the same plain upstream in a process of its own, in turns. `node bench/upstream-client.ts [requests]`
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { createUpstreamPool } from '#gateway/upstream/pool.ts'
import type { UpstreamListener } from '#gateway/upstream/types.ts'

const inFlight = 32
const rounds = 7
const headers: Readonly<Record<string, string>> = {
  Host: 'upstream.example',
  'User-Agent': 'bench/1',
  Accept: '*/*',
  'X-Request-Id': 'req_01hzx5c2v8c6',
  'X-Forwarded-For': '10.1.2.3',
  'X-Forwarded-Proto': 'http',
}
const body = JSON.stringify({
  city: 'Lagos',
  celsius: 31.4,
  wind: { kmh: 12, from: 'SW' },
  note: 'x'.repeat(130),
})
const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: plain\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n' +
    `Connection: keep-alive\r\nCache-Control: no-store\r\nETag: "5f2-abc"\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
)

function serve(): void {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.write(answer))
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
}

/** Runs `total` requests, `inFlight` at a time, and answers the CPU microseconds of one. */
function measure(total: number, one: (done: () => void) => void): Promise<number> {
  return new Promise((resolve) => {
    let started = 0
    let finished = 0
    const before = process.cpuUsage()
    const next = (): void => {
      if (started < total) {
        started++
        one(done)
      }
    }
    const done = (): void => {
      next()
      if (++finished < total) return
      const used = process.cpuUsage(before)
      resolve((used.user + used.system) / total)
    }
    for (let slot = 0; slot < inFlight; slot++) next()
  })
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

function fail(detail: string): never {
  throw new Error(detail)
}

async function compare(port: number, total: number): Promise<void> {
  const pool = createUpstreamPool({
    baseUrl: `http://127.0.0.1:${port}`,
    maxIdleConns: inFlight,
    idleConnTimeoutMs: 30_000,
  })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const ours = (done: () => void): void => {
    const listener: UpstreamListener = {
      onHead: (status) => status === 200 || fail('unexpected status'),
      onData: () => true,
      onEnd: (last) => (last?.length === body.length ? done() : fail('unexpected body')),
      onFailure: (failure, detail) => fail(`${failure}: ${detail}`),
      onDrain: () => {},
    }
    const request = {
      method: 'GET',
      target: '/weather/lagos?units=metric',
      body: 'none',
      timeoutMs: 10_000,
    } as const
    pool.send({ ...request, headers: lines.join('') }, listener)
  }
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight })
  const nodes = (done: () => void): void => {
    get({ host: '127.0.0.1', port, path: '/weather/lagos?units=metric', headers, agent }, (response) => {
      response.on('data', () => {})
      response.on('end', done)
    })
  }
  const results: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    const lean = await measure(total, ours)
    const stock = await measure(total, nodes)
    // The first round warms both up.
    if (round === 0) continue
    results[0].push(lean)
    results[1].push(stock)
  }
  pool.close()
  agent.destroy()
  const [lean, stock] = results.map(median) as [number, number]
  console.log(`upstream client    ${lean.toFixed(1)} us of CPU per request`)
  console.log(`node:http + Agent  ${stock.toFixed(1)} us of CPU per request`)
  console.log(`ratio              ${(lean / stock).toFixed(2)} (median of ${rounds} rounds of ${total})`)
}

if (process.argv[2] === 'upstream') serve()
else {
  const child = spawn(process.execPath, [import.meta.filename, 'upstream'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout, 'data')
  await compare(Number(String(port)), Number(process.argv[2] ?? 40_000)).finally(() => child.kill())
}
