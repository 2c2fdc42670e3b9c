import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Behaviour, Computation } from '#ports/behaviour.ts'
import { namePattern, nameRule } from '../schema/names.ts'
import { SchemaFault, type SchemaProblem } from '../schema/problem.ts'
import { hint } from '../schema/suggest.ts'
import { customBehaviour } from './custom-behaviour.ts'

/** Code that stands beside modules, by the names that their YAML calls. */
export interface LoadedCode {
  readonly behaviours: Readonly<Record<string, Behaviour>>
  readonly computations: Readonly<Record<string, Computation>>
}

type Run = (argument: unknown) => unknown

const codeFile = /^(.+)\.m?ts$/
const exportNames = ['behaviours', 'computed']

/** Code files of a folder that have the name of a module file there; others are theirs to import. */
async function codeFiles(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((): string[] => [])
  const modules = new Set(names.flatMap((name) => /^(.+)\.ya?ml$/.exec(name)?.[1] ?? []))
  return names
    .filter((name) => modules.has(codeFile.exec(name)?.[1] ?? ''))
    .sort()
    .map((name) => join(directory, name))
}

/** Where an error of a file stands: Node tells it in front of the stack, with a caret below the place, or in the stack's first line. */
function placeOf(error: unknown, path: string): { line: number; column: number } {
  const text = error instanceof Error ? String(error.stack) : ''
  const after = text.split(`${path}:`)[1] ?? ''
  const [, line, column] = /^(\d+)(?::(\d+))?/.exec(after) ?? []
  const caret = /^ *(?=\^)/m.exec(after)?.[0].length
  return { line: Number(line ?? 1), column: Number(column ?? (caret === undefined ? 1 : caret + 1)) }
}

async function functionsOf(
  path: string,
  report: (field: string, message: string, place?: { line: number; column: number }) => void,
): Promise<readonly (readonly [kind: string, name: string, run: Run])[]> {
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    report('', `cannot be loaded: ${message.split('\n')[0]}; mend the code`, placeOf(error, path))
    return []
  }
  return Object.entries(exported).flatMap(([kind, group]) => {
    // A provider's code may stand beside its YAML too, and is opened by what runs providers.
    if (kind === 'open' && typeof group === 'function') return []
    if (!exportNames.includes(kind)) {
      report(kind, `unknown export "${kind}"${hint(kind, exportNames)}`)
      return []
    }
    if (typeof group !== 'object' || group === null) {
      report(kind, 'must be an object of functions by name')
      return []
    }
    return Object.entries(group).flatMap(([name, run]) => {
      if (typeof run === 'function' && namePattern.test(name)) return [[kind, name, run as Run] as const]
      report(`${kind}.${name}`, typeof run === 'function' ? `the name ${nameRule}` : 'must be a function')
      return []
    })
  })
}

/**
 * Loads the code beside the modules of some folders: `ticket.ts` (or `ticket.mts`) beside `ticket.yaml` exports `behaviours` and
 * `computed`. `taken` are names that belong to the product. Throws a SchemaFault that names file and mistake of all of them.
 */
export async function loadCode(directories: readonly string[], taken: Iterable<string>): Promise<LoadedCode> {
  const problems: SchemaProblem[] = []
  const owners = new Map([...taken].map((name) => [`behaviours ${name}`, 'the product']))
  const behaviours: Record<string, Behaviour> = {}
  const computations: Record<string, Computation> = {}
  const paths = (await Promise.all(directories.map(codeFiles))).flat()
  for (const path of paths) {
    const near = relative('', path)
    const file = near.startsWith('..') ? path : near
    const report = (field: string, message: string, place = { line: 1, column: 1 }) =>
      void problems.push({ file, ...place, field, message })
    for (const [kind, name, run] of await functionsOf(path, report)) {
      const owner = owners.get(`${kind} ${name}`)
      if (owner !== undefined) report(`${kind}.${name}`, `the name is taken by ${owner}; choose another`)
      owners.set(`${kind} ${name}`, owner ?? file)
      if (kind === 'behaviours') behaviours[name] = customBehaviour(name, run)
      else computations[name] = run as Computation
    }
  }
  if (problems.length > 0) throw new SchemaFault(problems)
  return { behaviours, computations }
}
