import { execFile } from 'node:child_process'

const child = new URL('./flow-child.ts', import.meta.url).pathname

/** A request of somebody with a bearer token, or of a stranger. */
export interface FlowRequest {
  readonly path: string
  readonly body: object
  readonly token?: string
}

/** Sends a POST to an instance on that data in a process of its own, which kills itself at its so manieth look at the clock; nothing is answered then. */
export function runFlow(
  at: { readonly dataDirectory: string; readonly databaseEnv: Readonly<Record<string, string>> },
  request: FlowRequest,
  diesAt = 0,
): Promise<{ readonly status: number; readonly looks: number } | undefined> {
  return new Promise((done) => {
    const options = { env: { ...process.env, ...at.databaseEnv } }
    const given = [child, at.dataDirectory, String(diesAt), JSON.stringify(request)]
    execFile(process.execPath, given, options, (_, stdout) => {
      const [status, looks] = stdout.trim().split(' ').map(Number)
      done(looks === undefined ? undefined : { status: status ?? 0, looks })
    })
  })
}

/** Some looks at the clock out of all of a flow, spread evenly. */
export const someOf = (looks: number, count: number): readonly number[] => [
  ...new Set(Array.from({ length: count }, (_, step) => 1 + Math.floor((looks * step) / count))),
]
