import { accept, type Outcome, type Refusal, refuse } from '#contract/outcome.ts'
import type { ProviderChoice } from '#ports/capability/capabilities.ts'
import type { Row } from '#ports/records.ts'
import type { Capability } from './capability.ts'
import {
  type Configuration,
  type ConfigurationSources,
  configurationOf,
  settingKeys,
} from './configuration.ts'
import { findProvider, type ProviderDefinition, providersFor, shortName } from './definition.ts'
import type { ProviderState } from './state.ts'

/** Where the choice of a provider comes from. */
export type ChoiceOrigin = 'setting' | 'environment' | 'default'

/** A provider with the configuration that it runs with. */
export interface ResolvedProvider {
  readonly capability: Capability
  readonly provider: ProviderDefinition
  /** What the provider is called under its capability. */
  readonly shortName: string
  readonly instance: string
  readonly configuration: Configuration
  readonly allowsPrivate: boolean
}

/** What resolving looks at beside the state. */
export interface ResolveFacts {
  readonly providers: ReadonlyMap<string, ProviderDefinition>
  readonly environment: ConfigurationSources['environment']
  readonly isProduction: boolean
}

/** The word that chooses a capability's provider, and who says it: the setting, else the environment, else the default. */
export function chosenWord(
  capability: Capability,
  state: Pick<ProviderState, 'settings'>,
  facts: ResolveFacts,
): { readonly word: string; readonly from: ChoiceOrigin } | undefined {
  const setting = state.settings.get(`${capability.name}.provider`)
  if (setting !== undefined && setting !== '') return { word: setting, from: 'setting' }
  const variable = facts.environment[`${capability.name.toUpperCase()}_PROVIDER`]
  if (variable !== undefined && variable !== '') return { word: variable, from: 'environment' }
  const word = capability.defaultProvider ?? (facts.isProduction ? undefined : capability.developmentProvider)
  const isThere = word !== undefined && findProvider(facts.providers, capability.name, word) !== undefined
  return isThere ? { word, from: 'default' } : undefined
}

const unavailable = (capability: string, message: string, details: object = {}): Refusal =>
  refuse('service_unavailable', message, { capability, ...details })

/** The record that a provider without a named instance runs on: the one named like it, else the only one that is enabled. */
function usualRecord(
  records: readonly Row[],
  provider: ProviderDefinition,
  short: string,
): Outcome<Row | undefined> {
  const named = records.find(({ name }) => name === short || name === provider.name)
  if (named !== undefined) return accept(named)
  const enabled = records.filter(({ enabled: isEnabled }) => isEnabled !== false)
  if (enabled.length > 1)
    return refuse(
      'service_unavailable',
      `${provider.name} has several configurations: name one, as in ${short}/${String(enabled[0]?.['name'])}`,
    )
  return accept(enabled[0])
}

function recordNamed(
  capability: Capability,
  instance: string,
  state: ProviderState,
  facts: ResolveFacts,
): Outcome<{ provider: ProviderDefinition; record: Row }> {
  const found = providersFor(facts.providers, capability).flatMap((provider) =>
    (state.records.get(provider.name) ?? [])
      .filter(({ name }) => name === instance)
      .map((record) => ({ provider, record })),
  )
  const [first] = found
  if (first === undefined)
    return unavailable(capability.name, `There is no ${capability.name} configuration "${instance}"`)
  if (found.length > 1)
    return unavailable(
      capability.name,
      `"${instance}" is the name of several ${capability.name} configurations: write ${found.map(({ provider }) => `${shortName(provider, capability.name)}/${instance}`).join(' or ')}`,
    )
  return accept(first)
}

function providerNamed(
  capability: Capability,
  word: string,
  state: ProviderState,
  facts: ResolveFacts,
): Outcome<{ provider: ProviderDefinition; record: Row | undefined }> {
  const [name = '', instance] = word.split('/', 2)
  const provider = findProvider(facts.providers, capability.name, name)
  if (provider === undefined) {
    const known = providersFor(facts.providers, capability).map((one) => shortName(one, capability.name))
    return unavailable(
      capability.name,
      `There is no ${capability.name} provider "${name}" (known: ${known.join(', ')})`,
      { provider: name },
    )
  }
  const records = state.records.get(provider.name) ?? []
  if (instance === undefined) {
    const record = usualRecord(records, provider, shortName(provider, capability.name))
    return record.ok ? accept({ provider, record: record.value }) : record
  }
  const record = records.find((row) => row['name'] === instance)
  return record === undefined
    ? unavailable(capability.name, `${provider.name} has no configuration "${instance}"`, { provider: name })
    : accept({ provider, record })
}

/** The provider that a call of a capability runs on, ready or not; refuses only where there is none. */
export function resolveProvider(
  capability: Capability,
  choice: ProviderChoice | undefined,
  state: ProviderState,
  facts: ResolveFacts,
): Outcome<ResolvedProvider> {
  const word = choice?.provider ?? chosenWord(capability, state, facts)?.word
  if (word === undefined && choice?.instance === undefined) {
    const { name } = capability
    const message = `No ${name} provider is chosen: set ${name}.provider or ${name.toUpperCase()}_PROVIDER`
    return unavailable(name, message, { reason: 'not_chosen' })
  }
  const found =
    choice?.instance === undefined
      ? providerNamed(capability, word ?? '', state, facts)
      : recordNamed(capability, choice.instance, state, facts)
  if (!found.ok) return found
  const { provider, record } = found.value
  const sources = { settings: state.settings, environment: facts.environment }
  const short = shortName(provider, capability.name)
  return accept({
    capability,
    provider,
    shortName: short,
    instance: record === undefined ? short : String(record['name']),
    configuration: configurationOf(provider, record, sources),
    allowsPrivate: settingKeys(provider, 'allow_private').some((key) => state.settings.get(key) === 'true'),
  })
}

/** The refusal of a provider that cannot be called as it is configured; undefined when it can. */
export function notReady({
  capability,
  shortName: provider,
  configuration,
}: ResolvedProvider): Refusal | undefined {
  if (!configuration.isEnabled)
    return unavailable(capability.name, `The ${capability.name} provider ${provider} is disabled`, {
      provider,
      reason: 'disabled',
    })
  const [first] = configuration.problems
  if (first === undefined) return undefined
  return unavailable(
    capability.name,
    `The ${capability.name} provider ${provider} is not configured: ${first}`,
    {
      provider,
      reason: 'not_configured',
    },
  )
}
