import type { CapabilityName, CapabilityTable } from '#contract/capabilities.gen.ts'
import type { Outcome } from '#contract/outcome.ts'
import type { Clock } from '../clock.ts'
import type { Ids } from '../ids.ts'
import type { Log } from '../log.ts'
import type { OutboundHttp } from '../outbound-http.ts'
import type { Capabilities } from './capabilities.ts'

/** What every provider written in code is given when it is opened. */
export interface ProviderHost {
  /** The configuration by the fields of the provider's YAML, secrets in the clear; never to be logged. */
  readonly config: Readonly<Record<string, unknown>>
  /** The name of this configuration. */
  readonly instance: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly http: OutboundHttp
  /** True where the operator lets this provider reach private addresses. */
  readonly allowsPrivate: boolean
  readonly capabilities: Capabilities
}

/** The actions of a capability as a provider implements them: input is checked before, output after. */
export type ProviderActions<Name extends CapabilityName> = Partial<CapabilityTable[Name]>

/** An open provider. What an action throws counts as the provider being down. */
export interface OpenProvider<Actions = Readonly<Record<string, unknown>>> {
  readonly actions: Actions
  /** Whether the service answers and takes the credentials. */
  test?(): Promise<Outcome<undefined>>
  /** Gives everything back; called after the last running call. */
  close?(): Promise<void> | void
}

/** A provider in code. Opening it must not wait for the service: a service that is down must not stop the product. */
export type OpenProviderCode<Actions = Readonly<Record<string, unknown>>> = (
  host: ProviderHost,
) => OpenProvider<Actions> | Promise<OpenProvider<Actions>>
