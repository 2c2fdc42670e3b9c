import type { Terminal } from '#core/channel/cli/terminal.ts'

const mostInputBytes = 1024 * 1024

/** The terminal of this process. Colours and cutting only where somebody looks, and never with NO_COLOR. */
export function createProcessTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  const { stdin, stdout, stderr } = process
  // A reader that has seen enough (`| head`) is no failure.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70))
  }
  const isWatched = stdout.isTTY === true
  return {
    write: (text) => void stdout.write(text),
    note: (text) => void stderr.write(text),
    width: isWatched ? stdout.columns || 80 : undefined,
    hasColours: isWatched && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    confirm: stdin.isTTY === true && stderr.isTTY === true ? ask : undefined,
    readInput,
  }
}

async function ask(question: string): Promise<boolean> {
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr })
  return !isCancel(answer) && answer
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostInputBytes) throw new Error('standard input is larger than 1 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
