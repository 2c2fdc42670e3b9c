import type { Row } from '#ports/records.ts'
import type { Field } from '../schema/module.ts'
import { type ProviderDefinition, shortName } from './definition.ts'

/** The settings of the database, by key; secret ones in the clear. */
export type Settings = ReadonlyMap<string, string>

/** Where the configuration of providers comes from, beside their records. */
export interface ConfigurationSources {
  readonly settings: Settings
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** A provider's configuration, or what is missing in it and wrong with it. */
export interface Configuration {
  readonly isEnabled: boolean
  /** Values by field, secrets in the clear. */
  readonly values: Readonly<Record<string, unknown>>
  /** Sentences that say what to do. */
  readonly problems: readonly string[]
}

/** The keys under which a field can be set, the first one wins: `email.sendgrid.api_key`. */
export function settingKeys(provider: ProviderDefinition, field: string): readonly string[] {
  const own = provider.capabilities.map((capability) => `${capability}.${shortName(provider, capability)}`)
  return [...own, ...provider.module.meta.provider.settings].map((prefix) => `${prefix}.${field}`)
}

/** True where a settings key holds a secret of some provider, so that its value has to be kept as one. */
export function isSecretSetting(providers: Iterable<ProviderDefinition>, key: string): boolean {
  for (const provider of providers) {
    for (const field of provider.module.fields.values())
      if (field.type.name === 'secret' && settingKeys(provider, field.name).includes(key)) return true
  }
  return false
}

const present = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

function textOf(
  provider: ProviderDefinition,
  field: Field,
  sources: ConfigurationSources,
): { readonly text: string; readonly from: string } | undefined {
  for (const key of settingKeys(provider, field.name)) {
    const text = present(sources.settings.get(key))
    if (text !== undefined) return { text, from: `the setting ${key}` }
  }
  const variable = provider.module.meta.provider.environment[field.name]
  const text = variable === undefined ? undefined : present(sources.environment[variable])
  return text === undefined ? undefined : { text, from: `the environment variable ${variable}` }
}

function missing(provider: ProviderDefinition, field: Field): string {
  const variable = provider.module.meta.provider.environment[field.name]
  const [key] = settingKeys(provider, field.name)
  return `${field.name} is missing: set ${key}${variable === undefined ? '' : ` or ${variable}`}`
}

/**
 * The configuration of a provider: what its record says, else its settings, else the environment, else the default of the field. Values
 * from texts are checked as if they had been written to the record.
 */
export function configurationOf(
  provider: ProviderDefinition,
  record: Row | undefined,
  sources: ConfigurationSources,
): Configuration {
  const values: Record<string, unknown> = {}
  const problems: string[] = []
  for (const field of provider.module.fields.values()) {
    if (field.isImplicit || field.isWriteOnly || field.name === 'name') continue
    const stored = record?.[field.name]
    if (stored !== undefined && stored !== null) {
      values[field.name] = stored
      continue
    }
    const given = textOf(provider, field, sources)
    const parsed =
      given === undefined ? undefined : field.type.schema(field).safeParse(field.type.fromText(given.text))
    if (parsed?.success === true) values[field.name] = parsed.data
    else if (parsed !== undefined)
      problems.push(`${field.name} ${parsed.error.issues[0]?.message ?? 'is not valid'}: see ${given?.from}`)
    else if (field.default !== undefined && field.default !== null) values[field.name] = field.default
    else if (field.isRequired) problems.push(missing(provider, field))
  }
  // Who chooses a provider by name wants it: only an explicit "false" switches one without a record off.
  const explicit = record?.['enabled'] ?? textOf(provider, enabledField(provider), sources)?.text
  return { isEnabled: explicit !== false && explicit !== 'false', values, problems }
}

function enabledField({ module }: ProviderDefinition): Field {
  const field = module.fields.get('enabled')
  if (field === undefined) throw new TypeError(`the provider ${module.name} has no field "enabled"`)
  return field
}
