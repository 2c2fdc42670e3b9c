import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

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
