import { cpus } from 'node:os'
import type { Load } from '../load.ts'
import { cpuMicroseconds, median } from '../process.ts'
import type { Contender } from './contender.ts'

/** What was measured of a server, the median of the rounds. */
export interface Measured {
  readonly microseconds: number
  readonly perSecond: number
  readonly p99Ms: number
}

/** CPU time per request of every server, measured in turn, round by round, so that what else the machine does meets all alike. */
export async function measureInTurn(
  servers: readonly Contender[],
  load: Load,
  options: {
    readonly key: string
    readonly path: string
    readonly connections: number
    readonly rounds: number
    readonly seconds: number
  },
): Promise<ReadonlyMap<Contender, Measured>> {
  const { key, path, connections, rounds, seconds } = options
  const samples = new Map<Contender, Measured[]>(servers.map((server) => [server, []]))
  // What a server compiles while it warms up is not what a request costs it.
  for (const { url, key: own = key } of servers) await load(`${url}${path}`, own, connections, 5)
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) {
      const before = cpuMicroseconds(server.pid)
      const { requests, errors, p99Ms } = await load(
        `${server.url}${path}`,
        server.key ?? key,
        connections,
        seconds,
      )
      // The usage writer works on for a moment; what it does belongs to the requests before.
      await new Promise((resolve) => setTimeout(resolve, 700))
      if (errors > 0) console.log(`${server.name}: ${errors} of ${requests} requests failed`)
      const microseconds = (cpuMicroseconds(server.pid) - before) / requests
      samples.get(server)?.push({ microseconds, perSecond: requests / seconds, p99Ms })
    }
  }
  const middle = (all: readonly Measured[], pick: keyof Measured): number =>
    median(all.map((one) => one[pick]))
  return new Map(
    [...samples].map(([server, all]) => [
      server,
      {
        microseconds: middle(all, 'microseconds'),
        perSecond: middle(all, 'perSecond'),
        p99Ms: middle(all, 'p99Ms'),
      },
    ]),
  )
}

/** One line that says where the figures come from. */
export const machineLine = (loadName: string): string =>
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}, load by ${loadName}`
