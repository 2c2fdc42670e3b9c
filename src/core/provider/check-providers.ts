import { checkConsumedApi } from '../channel/consume/check-consumed.ts'
import { moduleDocument } from '../schema/document.ts'
import type { Field, Module } from '../schema/module.ts'
import { SchemaFault, type SchemaProblem } from '../schema/problem.ts'
import { type Path, readSource } from '../schema/source.ts'
import { hint } from '../schema/suggest.ts'
import type { Capability } from './capability.ts'
import {
  consumedMethod,
  findProvider,
  type ProviderDefinition,
  providersFor,
  providersOf,
} from './definition.ts'

interface Mistake {
  readonly path: Path
  readonly message: string
}

function* nameAndSwitch({ fields }: Module): Generator<Mistake> {
  const name = fields.get('name')
  if (name?.type.name !== 'string' || !name.isRequired || !name.isLookup || !name.isUnique) {
    const line = 'name: { type: string, required: true, unique: true, lookup: true }'
    yield { path: ['schema', 'name'], message: `a provider's configurations have names; add "${line}"` }
  }
  if (fields.get('enabled')?.type.name !== 'bool') {
    yield {
      path: ['schema', 'enabled'],
      message: 'a provider can be switched off; add "enabled: { type: bool, default: true }"',
    }
  }
}

function* facts({ fields, meta }: Module): Generator<Mistake> {
  for (const [name, variable] of Object.entries(meta.provider.environment)) {
    const path = ['meta', 'provider', 'environment', name]
    if (!fields.has(name)) yield { path, message: `unknown field "${name}"${hint(name, fields.keys())}` }
    if (!/^[A-Z][A-Z0-9_]*$/.test(variable) || variable.startsWith('APIGATE_'))
      yield { path, message: 'must be a variable in capitals that is not one of APIGATE_*' }
  }
}

function* implemented(
  module: Module,
  capabilities: ReadonlyMap<string, Capability>,
  isInCode: boolean,
): Generator<Mistake> {
  for (const [index, name] of module.meta.implements.entries()) {
    const path = ['meta', 'implements', index]
    const capability = capabilities.get(name)
    if (capability === undefined) {
      yield { path, message: `unknown capability "${name}"${hint(name, capabilities.keys())}` }
      continue
    }
    if (isInCode) continue
    for (const action of capability.actions.values()) {
      if (action.isOptional || consumedMethod(module, action.name) !== undefined) continue
      const message = `does not do "${action.name}" of ${name}; add a method of that name under channels.http.consume, or "meta.provider.code"`
      yield { path, message }
    }
  }
}

function* required(
  module: Module,
  capabilities: ReadonlyMap<string, Capability>,
  providers: ReadonlyMap<string, ProviderDefinition>,
): Generator<Mistake> {
  for (const [name, need] of Object.entries(module.meta.requires)) {
    const path = ['meta', 'requires', name]
    if (!capabilities.has(need.capability)) {
      yield {
        path: [...path, 'capability'],
        message: `unknown capability "${need.capability}"${hint(need.capability, capabilities.keys())}`,
      }
    } else if (need.required && providersFor(providers, { name: need.capability }).length === 0) {
      yield {
        path,
        message: `needs a provider of ${need.capability}, and there is none; add one to providers/`,
      }
    } else if (
      need.default !== undefined &&
      findProvider(providers, need.capability, need.default) === undefined
    ) {
      yield {
        path: [...path, 'default'],
        message: `"${need.default}" is no provider of ${need.capability}${hint(need.default, providers.keys())}`,
      }
    }
  }
}

const configurable = (module: Module): ReadonlyMap<string, Field> =>
  new Map([...module.fields].filter(([, field]) => !field.isWriteOnly))

function* mistakesOf(
  module: Module,
  capabilities: ReadonlyMap<string, Capability>,
  providers: ReadonlyMap<string, ProviderDefinition>,
  coded: ReadonlySet<string>,
): Generator<Mistake> {
  if (module.meta.implements.length > 0) {
    const isInCode = coded.has(module.name) || module.meta.provider.code !== undefined
    yield* nameAndSwitch(module)
    yield* facts(module)
    yield* implemented(module, capabilities, isInCode)
  }
  yield* required(module, capabilities, providers)
  for (const [name, api] of Object.entries(module.channels.http.consume)) {
    for (const { path, message } of checkConsumedApi(api, configurable(module)))
      yield { path: ['channels', 'http', 'consume', name, ...path], message }
  }
}

/**
 * Finds the providers among modules. Throws a SchemaFault with file, line and fix for everything in `implements`, `requires`,
 * `provider` and `consume` that could not work. `coded` are the providers that the product itself implements in code.
 */
export async function checkProviders(
  modules: ReadonlyMap<string, Module>,
  capabilities: ReadonlyMap<string, Capability>,
  coded: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ProviderDefinition>> {
  const providers = providersOf(modules)
  const problems: SchemaProblem[] = []
  for (const module of modules.values()) {
    const mistakes = [...mistakesOf(module, capabilities, providers, coded)]
    if (mistakes.length === 0) continue
    // Lines are only worth a second reading when there is something to tell.
    const { source } = await readSource(module.file, moduleDocument)
    for (const { path, message } of mistakes) source.report(path, message)
    problems.push(...[...source.problems].sort((a, b) => a.line - b.line))
  }
  if (problems.length > 0) throw new SchemaFault(problems)
  return providers
}
