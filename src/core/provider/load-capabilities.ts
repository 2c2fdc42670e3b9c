import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildParameters } from '../schema/build-action.ts'
import { titleOf } from '../schema/label.ts'
import { namePattern, nameRule } from '../schema/names.ts'
import { keepParsed } from '../schema/parsed-text.ts'
import { SchemaFault, type SchemaProblem } from '../schema/problem.ts'
import { readSource, type Source } from '../schema/source.ts'
import type { Capability, CapabilityAction } from './capability.ts'
import { type CapabilityDocument, capabilityDocument } from './capability-document.ts'

function buildAction(
  source: Source,
  name: string,
  document: CapabilityDocument['actions'][string],
): CapabilityAction {
  const path = ['actions', name]
  if (!namePattern.test(name)) source.report(path, `the name ${nameRule}`)
  const input = buildParameters(source, [...path, 'input'], document.input)
  const output = buildParameters(source, [...path, 'output'], document.output)
  for (const { name: parameter, type } of [...input, ...output]) {
    if (type.name === 'ref') {
      source.report(path, `"${parameter}" is a ref, which means nothing to a provider; use string`)
    }
  }
  const reads = document.reads ?? false
  return {
    name,
    description: document.description ?? '',
    input,
    output,
    reads,
    isRepeatable: reads || (document.repeatable ?? false),
    isOptional: document.optional ?? false,
  }
}

function buildCapability(source: Source, document: CapabilityDocument): Capability {
  const { capability: name, meta } = document
  if (!namePattern.test(name)) source.report(['capability'], nameRule)
  const actions = Object.entries(document.actions).map(
    ([action, written]) => [action, buildAction(source, action, written)] as const,
  )
  if (actions.length === 0) source.report(['actions'], 'needs at least one action')
  for (const [index, event] of (document.events ?? []).entries()) {
    if (!/^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+$/.test(event))
      source.report(['events', index], `"${event}" is not an event name; write it like "${name}.created"`)
  }
  return {
    name,
    file: source.file,
    description: (document.description ?? '').trim(),
    displayName: meta?.display_name ?? titleOf(name),
    icon: meta?.icon ?? 'plug',
    actions: new Map(actions),
    events: document.events ?? [],
    defaultProvider: meta?.default,
    developmentProvider: meta?.development_default,
  }
}

/**
 * Reads every capability of the folders (`*.yaml`), sorted by name. Throws a SchemaFault that names file, line and field of everything
 * that is wrong in any of them.
 */
export async function loadCapabilities(
  directories: readonly string[],
): Promise<ReadonlyMap<string, Capability>> {
  const problems: SchemaProblem[] = []
  const capabilities = new Map<string, Capability>()
  for (const directory of directories) {
    const names = (await readdir(directory)).filter((name) => /\.ya?ml$/.test(name)).sort()
    for (const name of names) {
      const { source, data } = await readSource(join(directory, name), capabilityDocument)
      if (data !== undefined) {
        const capability = buildCapability(source, data)
        const other = capabilities.get(capability.name)
        if (other !== undefined)
          source.report(
            ['capability'],
            `the name "${capability.name}" is taken by ${other.file}; choose another`,
          )
        else capabilities.set(capability.name, capability)
      }
      problems.push(...[...source.problems].sort((a, b) => a.line - b.line))
    }
  }
  keepParsed()
  if (problems.length > 0) throw new SchemaFault(problems)
  return new Map([...capabilities].sort(([a], [b]) => (a < b ? -1 : 1)))
}
