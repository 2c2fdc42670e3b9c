import { start, untilListening } from '../process.ts'

/** A server under test: how it is called, and its process. */
export interface Contender {
  readonly name: string
  /** What it does to a request beside passing it on. */
  readonly policy: string
  /** Without a path. */
  readonly url: string
  readonly pid: number
  /** What its requests are sent with, where it has keys of its own. */
  readonly key?: string
  stop(): void
}

/** Starts a server on the processor of the contenders, and waits until it listens. */
export async function contender(
  name: string,
  policy: string,
  port: number,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cpus = '0',
): Promise<Contender> {
  const child = start(command, args, cpus, env)
  await untilListening(port)
  return {
    name,
    policy,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: () => child.kill('SIGKILL'),
  }
}
