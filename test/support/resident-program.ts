import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { root, runHere } from '#test/cli/run-apigate.ts'

/** A command line as the shell found it. */
interface Call {
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly input: string
}

/** What goes on after it has answered, or reads while it answers, stays a process. */
const ownProcesses = ['serve', 'demo', 'mcp', 'watch']

/** The program that a shell starts: hands its command line over, and ends as it is told. */
const stub = (socket: string): string => `#!${process.execPath}
const { connect } = require('node:net')
const { spawnSync } = require('node:child_process')
const { text } = require('node:stream/consumers')
const args = process.argv.slice(2)
if (${JSON.stringify(ownProcesses)}.includes(args[0])) {
  const { status } = spawnSync(${JSON.stringify(join(root, 'bin/apigate'))}, args, { stdio: 'inherit' })
  process.exit(status ?? 1)
}
async function main() {
  const input = await text(process.stdin)
  const server = connect(${JSON.stringify(socket)})
  server.end(JSON.stringify({ args, cwd: process.cwd(), env: process.env, input }))
  const { exitCode, out, err } = JSON.parse(await text(server))
  process.stdout.write(out)
  process.stderr.write(err)
  process.exitCode = exitCode
}
main()
`

/**
 * Makes `program` in the folder: the command line, run by this process, which has it loaded, and not by one of its own for each
 * command. One command runs at a time, in the directory and with the environment and the standard input of its caller.
 */
export async function startResidentProgram(
  folder: string,
  program: string,
): Promise<{ close(): Promise<void> }> {
  const socket = join(folder, `${program}.socket`)
  const file = join(folder, program)
  writeFileSync(file, stub(socket))
  chmodSync(file, 0o755)
  let last: Promise<void> = Promise.resolve()
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    last = last.then(() => answer(caller))
  }).listen(socket)
  await once(server, 'listening')
  return {
    async close() {
      await last
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(caller: Socket): Promise<void> {
  const { args, ...rest } = JSON.parse(await text(caller)) as Call
  caller.end(JSON.stringify(await runHere(args, rest)))
}
