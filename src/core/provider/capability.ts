import type { Field } from '../schema/module.ts'

/** One thing that every provider of a capability can be asked to do. */
export interface CapabilityAction {
  readonly name: string
  readonly description: string
  readonly input: readonly Field[]
  readonly output: readonly Field[]
  /** Changes nothing. */
  readonly reads: boolean
  /** Doing it twice is as good as once. */
  readonly isRepeatable: boolean
  /** A provider may leave it out. */
  readonly isOptional: boolean
}

/** An outside service in the abstract: what its providers can do, in the words of its YAML. */
export interface Capability {
  readonly name: string
  readonly file: string
  readonly description: string
  readonly displayName: string
  readonly icon: string
  readonly actions: ReadonlyMap<string, CapabilityAction>
  readonly events: readonly string[]
  /** The provider that is active when nothing chooses one. */
  readonly defaultProvider: string | undefined
  /** The same for development alone. */
  readonly developmentProvider: string | undefined
}
