import { accept, type Outcome, refuse } from '#contract/outcome.ts'
import type { ProviderCatalogue, ProviderTest, ProviderView } from '#ports/capability/catalogue.ts'
import type { ProviderWatch } from '#ports/capability/provider-watch.ts'
import { hint } from '../schema/suggest.ts'
import type { Capability } from './capability.ts'
import { providersFor, shortName } from './definition.ts'
import type { ProviderHealth } from './provider-health.ts'
import { chosenWord, notReady, type ResolvedProvider, type ResolveFacts, resolveProvider } from './resolve.ts'
import type { ProviderState, ProviderStateReader } from './state.ts'

const healthAgeMs = 30_000

/** The providers as operators see them, over the state of this moment. */
export function createCatalogue(deps: {
  readonly capabilities: ReadonlyMap<string, Capability>
  readonly facts: ResolveFacts
  readonly state: ProviderStateReader
  readonly health: ProviderHealth
  /** Hears how the providers are that somebody has looked after. */
  readonly watch: ProviderWatch
}): ProviderCatalogue {
  const { capabilities, facts } = deps
  const activeOf = (capability: Capability, state: ProviderState): Outcome<ResolvedProvider> =>
    resolveProvider(capability, undefined, state, facts)

  const viewsOf = (capability: Capability, state: ProviderState): readonly ProviderView[] => {
    const active = activeOf(capability, state)
    return providersFor(facts.providers, capability).map((provider) => {
      const short = shortName(provider, capability.name)
      const resolved = resolveProvider(capability, { provider: short }, state, facts)
      const isActive = active.ok && active.value.provider === provider
      const problems = resolved.ok ? resolved.value.configuration.problems : [resolved.message]
      return {
        name: provider.name,
        capability: capability.name,
        provider: short,
        description: provider.module.meta.description,
        is_active: isActive,
        is_enabled: resolved.ok && resolved.value.configuration.isEnabled,
        is_configured: problems.length === 0,
        problems,
        instances: (state.records.get(provider.name) ?? []).map(({ name }) => String(name)),
        chosen_by: isActive ? (chosenWord(capability, state, facts)?.from ?? null) : null,
        only: provider.module.meta.provider.only ?? null,
      }
    })
  }
  const list = async (): Promise<readonly ProviderView[]> => {
    const state = await deps.state.current()
    return [...capabilities.values()].flatMap((capability) => viewsOf(capability, state))
  }
  const find: ProviderCatalogue['find'] = async (name) => {
    const all = await list()
    const found = all.filter((view) => view.name === name)
    const matches = found.length > 0 ? found : all.filter(({ provider }) => provider === name)
    const [first] = matches
    if (first === undefined)
      return refuse(
        'not_found',
        `There is no provider "${name}"${hint(name, new Set(all.map((view) => view.name)))}`,
      )
    const names = new Set(matches.map((view) => view.name))
    if (names.size === 1) return accept(first)
    return refuse('conflict', `"${name}" is the short name of several: ${[...names].join(', ')}`)
  }
  const testOf = async (resolved: ResolvedProvider, mostAgeMs: number): Promise<ProviderTest> => {
    const { status, error } = await deps.health.check(resolved, mostAgeMs)
    const { capability, shortName: provider } = resolved
    return { capability: capability.name, provider, status, error: error ?? null }
  }
  const testActive = async (
    names: readonly string[],
    mostAgeMs: number,
    isAskedFor = false,
  ): Promise<Outcome<readonly ProviderTest[]>> => {
    const state = await deps.state.current()
    const tests: Promise<ProviderTest>[] = []
    for (const name of names) {
      const capability = capabilities.get(name)
      if (capability === undefined)
        return refuse('not_found', `There is no capability "${name}"${hint(name, capabilities.keys())}`)
      const active = activeOf(capability, state)
      if (active.ok) tests.push(testOf(active.value, mostAgeMs))
      else if (isAskedFor || active.details?.['reason'] !== 'not_chosen') {
        const provider = String(active.details?.['provider'] ?? '')
        tests.push(
          Promise.resolve({ capability: name, provider, status: 'not_configured', error: active.message }),
        )
      }
    }
    return accept(await Promise.all(tests))
  }

  return {
    list,
    find,
    async test({ name, capability: known, capabilities: names }) {
      // What nobody has chosen is well as long as nobody asks for it.
      if (name === undefined)
        return testActive(names ?? [...capabilities.keys()], 0, names !== undefined && names.length > 0)
      const [word = '', instance] = name.split('/', 2)
      const found = known === undefined ? await find(word) : accept({ capability: known, name: word })
      if (!found.ok) return found
      const capability = capabilities.get(found.value.capability)
      if (capability === undefined)
        return refuse('not_found', `There is no capability "${found.value.capability}"`)
      const provider = instance === undefined ? found.value.name : `${found.value.name}/${instance}`
      const resolved = resolveProvider(capability, { provider }, await deps.state.current(), facts)
      return resolved.ok ? accept([await testOf(resolved.value, 0)]) : resolved
    },
    async check(name, word) {
      const capability = capabilities.get(name)
      if (capability === undefined)
        return refuse('not_found', `There is no capability "${name}"${hint(name, capabilities.keys())}`)
      const state = await deps.state.current()
      const resolved = resolveProvider(capability, { provider: word }, state, facts)
      if (!resolved.ok) return resolved
      const view = viewsOf(capability, state).find((one) => one.name === resolved.value.provider.name)
      return notReady(resolved.value) ?? (view === undefined ? refuse('not_found', 'gone') : accept(view))
    },
    async health() {
      const tests = await testActive([...capabilities.keys()], healthAgeMs)
      const entries = tests.ok ? tests.value : []
      for (const { capability, provider, status, error } of entries)
        if (status === 'unavailable') await deps.watch.failed({ capability, provider }, error ?? status)
      return Object.fromEntries(
        entries.map(({ capability, provider, status }) => [capability, { provider, status }]),
      )
    },
  }
}
