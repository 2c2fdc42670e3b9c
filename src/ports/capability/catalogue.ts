import type { Outcome } from '#contract/outcome.ts'

/** A provider as operators see it; nothing in it is secret. */
export interface ProviderView {
  /** The module's name: `email_sendgrid`. */
  readonly name: string
  readonly capability: string
  /** Its name under the capability: `sendgrid`. */
  readonly provider: string
  readonly description: string
  readonly is_active: boolean
  readonly is_enabled: boolean
  readonly is_configured: boolean
  /** What is missing or wrong, as sentences. */
  readonly problems: readonly string[]
  /** Configurations that are kept as records, by name. */
  readonly instances: readonly string[]
  /** Who chose it: `setting`, `environment`, `default`; null when it is not active. */
  readonly chosen_by: 'setting' | 'environment' | 'default' | null
  /** What it is not good enough for: `testing` providers are refused in production, `single_node` ones with several nodes. */
  readonly only: 'testing' | 'single_node' | null
}

/** The result of testing one provider. */
export interface ProviderTest {
  readonly capability: string
  readonly provider: string
  readonly status: 'connected' | 'unavailable' | 'not_configured' | 'disabled'
  readonly error: string | null
}

/** The providers of an instance, to look at and to test. */
export interface ProviderCatalogue {
  list(): Promise<readonly ProviderView[]>
  /** By the module's name, or by the short one where only one provider has it. */
  find(name: string): Promise<Outcome<ProviderView>>
  /**
   * Tests a provider at once (`sendgrid` or `sendgrid/marketing`, of `capability` where it is said), or the active ones of the
   * capabilities named; of all when none is.
   */
  test(which: {
    readonly name?: string
    readonly capability?: string
    readonly capabilities?: readonly string[]
  }): Promise<Outcome<readonly ProviderTest[]>>
  /** Whether a capability could run on a provider (`sendgrid`, `sendgrid/marketing`) as it is configured now. */
  check(capability: string, provider: string): Promise<Outcome<ProviderView>>
  /** By capability, what is active and how it is; as old as half a minute. */
  health(): Promise<Readonly<Record<string, { readonly provider: string; readonly status: string }>>>
}
