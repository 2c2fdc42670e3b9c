import type { Outcome } from '#contract/outcome.ts'
import { accept } from '#contract/outcome.ts'
import type { Capabilities } from '#ports/capability/capabilities.ts'
import type { OpenProviderCode, ProviderHost } from '#ports/capability/provider.ts'
import { type ConsumeDependencies, callMethod } from '../channel/consume/call-method.ts'
import { consumedMethod } from './definition.ts'
import type { OpenInstance, RunAction } from './instances.ts'
import type { ResolvedProvider } from './resolve.ts'

/** What opening a provider needs. */
export interface OpenInstanceDependencies {
  readonly consume: ConsumeDependencies
  readonly host: Omit<ProviderHost, 'config' | 'instance' | 'allowsPrivate' | 'capabilities'>
  readonly capabilities: () => Capabilities
  /** The code of a provider; undefined for one that is YAML alone. */
  readonly codeOf: (resolved: ResolvedProvider) => Promise<OpenProviderCode | undefined>
}

function secretsOf({ provider, configuration }: ResolvedProvider): readonly string[] {
  return [...provider.module.fields.values()].flatMap((field) => {
    const value = field.type.name === 'secret' ? configuration.values[field.name] : undefined
    return typeof value === 'string' ? [value] : []
  })
}

/** The actions that a provider's YAML describes under `consume`. */
function consumedActions(deps: OpenInstanceDependencies, resolved: ResolvedProvider): OpenInstance {
  const { module } = resolved.provider
  const { values: config } = resolved.configuration
  const { allowsPrivate, shortName: provider } = resolved
  const secrets = secretsOf(resolved)
  const runOf = (name: string): RunAction | undefined => {
    const found = consumedMethod(module, name)
    if (found === undefined) return undefined
    return (input) => callMethod(deps.consume, { ...found, provider, input, config, secrets, allowsPrivate })
  }
  const names = Object.values(module.channels.http.consume).flatMap((api) => Object.keys(api.methods))
  const actions = Object.fromEntries(names.map((name) => [name, runOf(name)]))
  const testConnection = runOf('test_connection')
  if (testConnection === undefined) return { actions }
  const test = async (): Promise<Outcome<undefined>> => {
    const outcome = await testConnection({})
    return outcome.ok ? accept(undefined) : outcome
  }
  return { actions, test }
}

/** Opens a provider: its code where it has some, and for the actions that the code leaves out what its YAML consumes. */
export async function openInstance(
  deps: OpenInstanceDependencies,
  resolved: ResolvedProvider,
): Promise<OpenInstance> {
  const consumed = consumedActions(deps, resolved)
  const openCode = await deps.codeOf(resolved)
  if (openCode === undefined) return consumed
  const open = await openCode({
    ...deps.host,
    config: resolved.configuration.values,
    instance: resolved.instance,
    allowsPrivate: resolved.allowsPrivate,
    capabilities: deps.capabilities(),
  })
  const own = open.actions as Readonly<Record<string, RunAction | undefined>>
  return { ...consumed, ...open, actions: { ...consumed.actions, ...own } }
}
