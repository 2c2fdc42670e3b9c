import { execFile } from 'node:child_process'
import { findProgram } from './process.ts'

/** What a run of load has found. */
export interface LoadResult {
  readonly requests: number
  readonly errors: number
  readonly p99Ms: number
}

/** Sends as many requests as the server takes for some seconds, over keep-alive connections, from one processor. */
export type Load = (url: string, key: string, connections: number, seconds: number) => Promise<LoadResult>

/** wrk where it is installed, else autocannon, which costs more but comes with npm. */
export function chooseLoad(): { readonly name: string; readonly run: Load } {
  const wrk = findProgram('wrk')
  return wrk === undefined ? { name: 'autocannon', run: withAutocannon } : { name: 'wrk', run: withWrk(wrk) }
}

function pinned(command: string, args: readonly string[]): Promise<string> {
  const taskset = findProgram('taskset')
  const line = taskset === undefined ? [command, ...args] : [taskset, '-c', '1', command, ...args]
  return new Promise((resolve, reject) => {
    execFile(line[0] ?? command, line.slice(1), { maxBuffer: 1 << 24 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    )
  })
}

const withWrk =
  (wrk: string): Load =>
  async (url, key, connections, seconds) => {
    const args = [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '--latency',
      '-H',
      `Authorization: Bearer ${key}`,
      url,
    ]
    const text = await pinned(wrk, args)
    const p99 = /99%\s+([\d.]+)(us|ms|s)/.exec(text)
    const scale = { us: 0.001, ms: 1, s: 1000 }[p99?.[2] ?? 'ms'] ?? 1
    const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0)
    const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
    return {
      requests: Number(/(\d+) requests in/.exec(text)?.[1] ?? 0),
      errors: refused + (broken?.slice(1).reduce((sum, one) => sum + Number(one), 0) ?? 0),
      p99Ms: Number(p99?.[1] ?? Number.NaN) * scale,
    }
  }

const withAutocannon: Load = async (url, key, connections, seconds) => {
  const args = ['autocannon', '--json', '-c', String(connections), '-d', String(seconds)]
  const text = await pinned('npx', [...args, '-H', `Authorization=Bearer ${key}`, url])
  const result = JSON.parse(text) as {
    requests: { total: number }
    errors: number
    non2xx: number
    latency: { p99: number }
  }
  return { requests: result.requests.total, errors: result.errors + result.non2xx, p99Ms: result.latency.p99 }
}
