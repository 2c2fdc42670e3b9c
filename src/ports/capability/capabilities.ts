import type { CapabilityName, CapabilityTable } from '#contract/capabilities.gen.ts'
import type { Outcome } from '#contract/outcome.ts'

/** Which provider is meant where it is not the active one. */
export interface ProviderChoice {
  /** `sendgrid`, `email_sendgrid` or, for one of several configurations of it, `sendgrid/marketing`. */
  readonly provider?: string
  /** A configuration by its name alone, whichever provider it belongs to: what `source_instance` of a sync says. */
  readonly instance?: string
}

/**
 * The outside services of an instance: `capability('email').send({...})` runs on the provider that is active at this moment. Input and
 * output are checked by the capability's own schema, whatever the provider is made of. A provider that is down, missing or not
 * configured is the refusal `service_unavailable` with `details.capability` and `details.provider`. Not for use inside a transaction:
 * a call may take as long as its timeout.
 */
export interface Capabilities {
  capability<Name extends CapabilityName>(name: Name, choice?: ProviderChoice): CapabilityTable[Name]
  /** A capability by a name that is known only when it runs, a user's own for one. */
  call(call: {
    readonly capability: string
    readonly action: string
    readonly input: Readonly<Record<string, unknown>>
    readonly choice?: ProviderChoice
  }): Promise<Outcome<Readonly<Record<string, unknown>>>>
  /** What a module's `requires` names: the active provider of its capability, else the default that stands there. */
  dependency(module: string, name: string, instance?: string): Outcome<BoundCapability>
}

/** A capability bound to a provider, its actions by name. */
export interface BoundCapability {
  readonly capability: string
  call(
    action: string,
    input: Readonly<Record<string, unknown>>,
  ): Promise<Outcome<Readonly<Record<string, unknown>>>>
}
