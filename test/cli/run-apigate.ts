import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { run } from '#cmd/run.ts'
import { createFakeTerminal } from './fake-terminal.ts'

/** The root of the project. */
export const root = resolve(import.meta.dirname, '../..')
const program = join(root, 'bin/apigate')

/** How a command ended and what it said. */
export interface Ended {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
}

/** A fresh folder for one instance, and its end. */
export function makeDataFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'apigate-cli-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Starts the command line as its own process, in a folder of its own so that no instance of the project is touched. */
export function startApigate(
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>>; program?: string },
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  return spawn(options.program ?? program, args, {
    cwd: options.cwd,
    env: { PATH, HOME, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Runs a command to its end. */
export async function runApigate(
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>>; input?: string; program?: string },
): Promise<Ended> {
  const child = startApigate(args, options)
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdin?.end(options.input ?? '')
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, out, err }
}

/**
 * Runs a command to its end in the process of the test, as its own process would, for less than half of the time: for what a command
 * answers. What is promised of the process (its streams, signals, locks, modes) is tried with `runApigate`.
 */
export async function runHere(
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>>; input?: string },
): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env
  const terminal = createFakeTerminal({ input: (options.input ?? '').replace(/\r?\n$/, '') })
  const [folder, mask] = [process.cwd(), process.umask(0o077)]
  process.chdir(options.cwd)
  try {
    const exitCode = await run(args, { PATH, HOME, NO_COLOR: '1', ...options.env }, terminal)
    return { exitCode, out: terminal.out(), err: terminal.notes() }
  } finally {
    process.chdir(folder)
    process.umask(mask)
  }
}
