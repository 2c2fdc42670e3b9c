import type { ConsumedApi, ConsumedMethod } from '../schema/consume-document.ts'
import type { Module } from '../schema/module.ts'
import type { Capability } from './capability.ts'

/** A provider: a module that implements capabilities, and how each action is done. */
export interface ProviderDefinition {
  readonly module: Module
  /** The module's name: `email_sendgrid`. */
  readonly name: string
  readonly capabilities: readonly string[]
}

/** A method of a consumed API, with the API it belongs to. */
export interface FoundMethod {
  readonly api: ConsumedApi
  readonly method: ConsumedMethod
}

/** What a provider is called where its capability is known: `sendgrid` for `email_sendgrid`. */
export function shortName(provider: Pick<ProviderDefinition, 'name'>, capability: string): string {
  return provider.name.startsWith(`${capability}_`)
    ? provider.name.slice(capability.length + 1)
    : provider.name
}

/** The method of a module's consumed APIs by that name; undefined when none has it. */
export function consumedMethod(module: Module, name: string): FoundMethod | undefined {
  for (const api of Object.values(module.channels.http.consume)) {
    const method = Object.hasOwn(api.methods, name) ? api.methods[name] : undefined
    if (method !== undefined) return { api, method }
  }
  return undefined
}

/** Everything of the modules that implements a capability, by its module's name. */
export function providersOf(modules: ReadonlyMap<string, Module>): ReadonlyMap<string, ProviderDefinition> {
  const found = new Map<string, ProviderDefinition>()
  for (const module of modules.values()) {
    const { implements: capabilities } = module.meta
    if (capabilities.length > 0) found.set(module.name, { module, name: module.name, capabilities })
  }
  return found
}

/** The providers of one capability, by name. */
export const providersFor = (
  providers: ReadonlyMap<string, ProviderDefinition>,
  capability: Pick<Capability, 'name'>,
): readonly ProviderDefinition[] =>
  [...providers.values()].filter(({ capabilities }) => capabilities.includes(capability.name))

/** The provider of a capability that a word means, its own name or the short one; undefined when there is none. */
export function findProvider(
  providers: ReadonlyMap<string, ProviderDefinition>,
  capability: string,
  word: string,
): ProviderDefinition | undefined {
  const candidates = providersFor(providers, { name: capability })
  return (
    candidates.find(({ name }) => name === word) ??
    candidates.find((provider) => shortName(provider, capability) === word)
  )
}
