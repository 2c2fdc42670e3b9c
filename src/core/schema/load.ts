import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { buildModule } from './build.ts'
import { moduleDocument } from './document.ts'
import type { Module } from './module.ts'
import { keepParsed } from './parsed-text.ts'
import { SchemaFault, type SchemaProblem } from './problem.ts'
import { readSource, type Source } from './source.ts'
import { hint } from './suggest.ts'

interface Loaded {
  readonly source: Source
  readonly module: Module
}

const isModuleFile = (name: string): boolean => /\.ya?ml$/.test(name) && !/^seed\.ya?ml$/.test(name)

async function moduleFiles(directory: string, problems: SchemaProblem[]): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    const names = entries
      .filter((entry) => !entry.isDirectory() && isModuleFile(entry.name))
      .map(({ name }) => name)
    return names.sort().map((name) => join(directory, name))
  } catch (error) {
    const message = `cannot be read as a folder of modules: ${(error as Error).message}; check the path`
    problems.push({ file: directory, line: 1, column: 1, field: '', message })
    return []
  }
}

/** Notes the first name by which a module would answer to the same as another; the rest often follows from it. */
function checkDuplicates(loaded: readonly Loaded[]): void {
  const owners = new Map<string, string>()
  for (const { source, module } of loaded) {
    const claims: readonly [path: readonly string[], space: string, word: string][] = [
      [['module'], 'name', module.name],
      [['meta', 'plural'], 'name', module.plural],
      [['meta', 'id_prefix'], 'id prefix', module.idPrefix],
      [['channels', 'cli', 'serve', 'command'], 'command', module.channels.cli.command],
      [['channels', 'http', 'serve', 'base_path'], 'path', module.channels.http.basePath],
    ]
    const taken = claims.find(
      ([, space, word]) => (owners.get(`${space} ${word}`) ?? source.file) !== source.file,
    )
    if (taken !== undefined) {
      const [path, space, word] = taken
      source.report(
        path,
        `the ${space} "${word}" is taken by ${owners.get(`${space} ${word}`)}; choose another`,
      )
    }
    for (const [, space, word] of claims) {
      if (!owners.has(`${space} ${word}`)) owners.set(`${space} ${word}`, source.file)
    }
  }
}

function checkReferences(loaded: readonly Loaded[], known: ReadonlySet<string>): void {
  for (const { source, module } of loaded) {
    for (const field of module.fields.values()) {
      if (field.to === undefined || known.has(field.to)) continue
      const path = ['schema', field.name]
      source.report(
        [...path, 'to'],
        `refers to an unknown module "${field.to}"${hint(field.to, known)}`,
        path,
      )
    }
    for (const action of module.actions.values()) {
      for (const parameter of [...action.input, ...action.output]) {
        if (parameter.to === undefined || known.has(parameter.to)) continue
        const message = `"${parameter.name}" refers to an unknown module "${parameter.to}"${hint(parameter.to, known)}`
        source.report(['actions', action.name], message)
      }
    }
  }
}

/**
 * Reads every module of the folders (`*.yaml`, not the seed file and not subfolders), sorted by name. Throws a SchemaFault that
 * names file, line and field of everything that is wrong in any of them.
 */
export async function loadModules(directories: readonly string[]): Promise<ReadonlyMap<string, Module>> {
  const problems: SchemaProblem[] = []
  const files = (await Promise.all(directories.map((directory) => moduleFiles(directory, problems)))).flat()
  const sources: Source[] = []
  const loaded: Loaded[] = []
  const known = new Set<string>()
  for (const file of files) {
    const { source, data } = await readSource(file, moduleDocument)
    sources.push(source)
    // A file that cannot be read may still define the module it is named for.
    known.add(data?.module ?? basename(file, extname(file)))
    if (data !== undefined) loaded.push({ source, module: buildModule(source, data) })
  }
  keepParsed()
  checkDuplicates(loaded)
  checkReferences(loaded, known)
  problems.push(...sources.flatMap((source) => [...source.problems].sort((a, b) => a.line - b.line)))
  if (problems.length > 0) throw new SchemaFault(problems)
  const modules = loaded.map(({ module }) => module).sort((a, b) => (a.name < b.name ? -1 : 1))
  return new Map(modules.map((module) => [module.name, module]))
}
