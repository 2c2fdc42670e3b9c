import type { CapabilityName, CapabilityTable } from '#contract/capabilities.gen.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { BoundCapability, Capabilities, ProviderChoice } from '#ports/capability/capabilities.ts'
import type { Module } from '../schema/module.ts'
import type { CallAction } from './call-action.ts'
import type { Capability } from './capability.ts'
import { type ResolvedProvider, type ResolveFacts, resolveProvider } from './resolve.ts'
import type { ProviderStateReader } from './state.ts'

type Values = Readonly<Record<string, unknown>>

/** The capabilities of an instance, resolved anew at every call: a switch counts from the next call on. */
export function createCapabilities(deps: {
  readonly capabilities: ReadonlyMap<string, Capability>
  readonly modules: ReadonlyMap<string, Module>
  readonly facts: ResolveFacts
  readonly state: ProviderStateReader
  readonly callAction: CallAction
}): Capabilities {
  const capabilityOf = (name: string): Capability => {
    const capability = deps.capabilities.get(name)
    if (capability === undefined) throw new Fault('internal_error', `there is no capability ${name}`)
    return capability
  }
  const callOn = (
    capability: Capability,
    action: string,
    input: Values,
    choice: ProviderChoice | undefined,
    otherwise?: string,
  ): Promise<Outcome<Values>> =>
    deps.callAction(capability, action, input, async (): Promise<Outcome<ResolvedProvider>> => {
      const state = await deps.state.current()
      const resolved = resolveProvider(capability, choice, state, deps.facts)
      const isNobody = !resolved.ok && resolved.details?.['reason'] === 'not_chosen'
      if (!isNobody || otherwise === undefined) return resolved
      return resolveProvider(capability, { provider: otherwise }, state, deps.facts)
    })
  const functionsOf = (capability: Capability, choice: ProviderChoice | undefined) =>
    Object.fromEntries(
      [...capability.actions.keys()].map((action) => [
        action,
        (input: Values) => callOn(capability, action, input, choice),
      ]),
    )
  const usual = new Map([...deps.capabilities.values()].map((one) => [one.name, functionsOf(one, undefined)]))

  return {
    capability<Name extends CapabilityName>(name: Name, choice?: ProviderChoice): CapabilityTable[Name] {
      const capability = capabilityOf(name)
      const functions = choice === undefined ? usual.get(name) : functionsOf(capability, choice)
      // The types are generated from the very YAML that the functions are made of.
      return functions as unknown as CapabilityTable[Name]
    },
    call: ({ capability, action, input, choice }) => {
      const known = deps.capabilities.get(capability)
      if (known?.actions.has(action) !== true)
        return Promise.resolve(refuse('not_found', `There is no ${action} of ${capability}`))
      return callOn(known, action, input, choice)
    },
    dependency(module, name, instance): Outcome<BoundCapability> {
      const need = deps.modules.get(module)?.meta.requires[name]
      if (need === undefined) throw new Fault('internal_error', `${module} requires no ${name}`)
      const capability = capabilityOf(need.capability)
      const choice = instance === undefined ? undefined : { instance }
      return accept({
        capability: capability.name,
        call: (action, input) => callOn(capability, action, input, choice, need.default),
      })
    },
  }
}
