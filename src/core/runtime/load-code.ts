import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Behaviour, Computation } from '#ports/behaviour.ts'
import type { CustomReaction } from '#ports/custom-behaviour.ts'
import { namePattern, nameRule } from '../schema/names.ts'
import { SchemaFault, type SchemaProblem } from '../schema/problem.ts'
import { hint } from '../schema/suggest.ts'
import { customBehaviour } from './custom-behaviour.ts'

/** Code that stands beside modules, by the names that their YAML calls. */
export interface LoadedCode {
  readonly behaviours: Readonly<Record<string, Behaviour>>
  readonly computations: Readonly<Record<string, Computation>>
  readonly reactions: Readonly<Record<string, CustomReaction>>
}

type Run = (argument: unknown) => unknown
type Part = Run | CustomReaction
type Report = (field: string, message: string, place?: { line: number; column: number }) => void

const codeFile = /^(.+)\.m?ts$/
const exportNames = ['behaviours', 'computed', 'reactions']

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

/** What is wrong with a part of an export; undefined when nothing is. */
function problemOf(kind: string, part: unknown, events: ReadonlySet<string>): string | undefined {
  if (kind !== 'reactions') return typeof part === 'function' ? undefined : 'must be a function'
  const { on, run } = (part ?? {}) as { readonly on?: unknown; readonly run?: unknown }
  if (typeof run !== 'function' || !Array.isArray(on) || on.length === 0)
    return 'must be { on: [event types], run(context) { ... } }'
  const unknown = on.map(String).find((type) => !events.has(type))
  if (unknown === undefined) return undefined
  const module = unknown.slice(0, unknown.indexOf('.') + 1)
  const ofModule = [...events].filter((type) => module !== '' && type.startsWith(module))
  return `unknown event "${unknown}"${hint(unknown, ofModule.length > 0 ? ofModule : ['<module>.<event>'])}`
}

async function partsOf(
  path: string,
  events: ReadonlySet<string>,
  report: Report,
): Promise<readonly (readonly [kind: string, name: string, part: Part])[]> {
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
      report(kind, `must be an object of ${kind === 'reactions' ? 'reactions' : 'functions'} by name`)
      return []
    }
    return Object.entries(group).flatMap(([name, part]) => {
      const problem = namePattern.test(name) ? problemOf(kind, part, events) : `the name ${nameRule}`
      if (problem === undefined) return [[kind, name, part as Part] as const]
      report(`${kind}.${name}`, problem)
      return []
    })
  })
}

/**
 * Loads the code beside the modules of some folders: `ticket.ts` (or `ticket.mts`) beside `ticket.yaml` exports `behaviours`,
 * `computed` and `reactions`. `taken` are names that belong to the product, `events` the types that reactions may be for. Throws a
 * SchemaFault that names file and mistake of all of them.
 */
export async function loadCode(
  directories: readonly string[],
  taken: Iterable<string>,
  events: ReadonlySet<string>,
): Promise<LoadedCode> {
  const problems: SchemaProblem[] = []
  const owners = new Map([...taken].map((name) => [`behaviours ${name}`, 'the product']))
  const behaviours: Record<string, Behaviour> = {}
  const computations: Record<string, Computation> = {}
  const reactions: Record<string, CustomReaction> = {}
  const paths = (await Promise.all(directories.map(codeFiles))).flat()
  for (const path of paths) {
    const near = relative('', path)
    const file = near.startsWith('..') ? path : near
    const report: Report = (field, message, place = { line: 1, column: 1 }) =>
      void problems.push({ file, ...place, field, message })
    for (const [kind, name, part] of await partsOf(path, events, report)) {
      const owner = owners.get(`${kind} ${name}`)
      if (owner !== undefined) report(`${kind}.${name}`, `the name is taken by ${owner}; choose another`)
      owners.set(`${kind} ${name}`, owner ?? file)
      if (kind === 'reactions') reactions[name] = part as CustomReaction
      else if (kind === 'behaviours') behaviours[name] = customBehaviour(name, part as Run)
      else computations[name] = part as Computation
    }
  }
  if (problems.length > 0) throw new SchemaFault(problems)
  return { behaviours, computations, reactions }
}
