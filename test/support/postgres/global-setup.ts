import { createServer } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type PostgresServer, startPostgres } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the tests of a run ask for the server that they share; the first to ask has it started. */
    readonly postgresDoor: number
  }
}

let started: Promise<PostgresServer> | undefined
const door = createServer((socket) => {
  started ??= startPostgres()
  socket.on('error', () => undefined)
  started.then(
    ({ url }) => socket.end(url),
    (error: unknown) => socket.end(`failed: ${error instanceof Error ? error.message : String(error)}`),
  )
})

/** One PostgreSQL server for all tests of a run, started when the first one needs it. */
export async function setup(project: TestProject): Promise<void> {
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  project.provide('postgresDoor', (door.address() as { port: number }).port)
}

/** Ends the server, where one was started. */
export async function teardown(): Promise<void> {
  door.close()
  await (await started?.catch(() => undefined))?.stop()
}
