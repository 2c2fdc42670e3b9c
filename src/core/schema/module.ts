import type { MemberRole, OperatorRole } from '#contract/actor.ts'
import type { ConsumedApi } from './consume-document.ts'
import type { FieldType } from './field-type.ts'

/** The ten types of apigate-architecture 3.2. */
export type FieldTypeName =
  | 'string'
  | 'int'
  | 'bool'
  | 'enum'
  | 'ref'
  | 'secret'
  | 'json'
  | 'timestamp'
  | 'email'
  | 'bytes'

/** A place in a module's file, for messages. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** What a text must match; the test takes time in proportion to the text. */
export interface TextPattern {
  readonly source: string
  test(text: string): boolean
}

/** Where the value of a computed field comes from: an expression over the record, or code. */
export type Computed =
  | { readonly kind: 'expression'; readonly source: string; readonly place: Place }
  | { readonly kind: 'call'; readonly name: string; readonly place: Place }

/** A field of a module, with every attribute filled in. */
export interface Field {
  readonly name: string
  /** What people call it. */
  readonly label: string
  readonly type: FieldType
  readonly isRequired: boolean
  /** In a module of scope `organization`: within the organization, unless the field is closed to the outside. */
  readonly isUnique: boolean
  /** Can stand in the place of the id. */
  readonly isLookup: boolean
  readonly isImmutable: boolean
  /** Never leaves the process, cannot be set from outside. */
  readonly isInternal: boolean
  /** Can be read from outside but is set only by actions and behaviours (`internal_write`). */
  readonly isInternalWrite: boolean
  /** Accepted on write and handed to behaviours, never stored and never shown (`write_only`). */
  readonly isWriteOnly: boolean
  /** A replacement (PUT) that does not give it leaves it as it is, where others go back to their default (`sticky`). */
  readonly isSticky: boolean
  /** Lists look for its values or sort by it (`index`). */
  readonly isIndexed: boolean
  /** `id`, `created_at` and `updated_at`: made by the engine. */
  readonly isImplicit: boolean
  /** undefined = no default. */
  readonly default: unknown
  readonly description: string
  /** For enum. */
  readonly values: readonly string[]
  /** For ref: the module it points to. */
  readonly to: string | undefined
  /** For ref: what happens to this record when the other one is deleted. */
  readonly onDelete: 'restrict' | 'cascade' | 'set_null'
  readonly min: number | undefined
  readonly max: number | undefined
  readonly pattern: TextPattern | undefined
  /** For int: it is an amount in minor units, and this field of the module holds its currency. */
  readonly money: string | undefined
  /** Never written, always worked out from the rest of the record when it is stored. */
  readonly computed: Computed | undefined
}

/** One step of a hook. */
export type HookStep =
  | { readonly kind: 'emit'; readonly event: string }
  | { readonly kind: 'call'; readonly behaviour: string; readonly place: Place }
  | { readonly kind: 'set'; readonly fields: Readonly<Record<string, unknown>> }

/**
 * Who may call an action: the operators, by the rules of their roles (`admin`, and always); also the user that the record is about
 * (`self_or_admin`); also whoever has at least this role in their organization (`role:member`).
 */
export type ActionAuth = 'admin' | 'self_or_admin' | `role:${MemberRole | OperatorRole}`

/** What a field of a record must be: one of the values, or none of them. */
export interface Condition {
  readonly field: string
  readonly isOneOf: boolean
  /** null is an empty field. */
  readonly values: readonly unknown[]
}

/** A custom or built-in action. */
export interface Action {
  readonly name: string
  /** What people call it. */
  readonly label: string
  readonly kind: 'list' | 'get' | 'create' | 'update' | 'delete' | 'custom'
  readonly description: string
  readonly isInternal: boolean
  /** False where a call leaves no trace in the audit log: heartbeats. */
  readonly isAudited: boolean
  readonly confirm: boolean
  /** The states of a record in which pages offer it; what is refused elsewhere is for the hooks to say. */
  readonly offeredWhen: readonly Condition[]
  /** Any of them is enough. */
  readonly auth: readonly ActionAuth[]
  readonly input: readonly Field[]
  readonly output: readonly Field[]
  /** Fields that the action sets; `now()` is the time of the action. */
  readonly set: Readonly<Record<string, unknown>>
  /** The behaviour that does the work (`call`), after the before hooks. */
  readonly call: Extract<HookStep, { kind: 'call' }> | undefined
}

/** An address that the YAML gives to an action. */
export interface HttpEndpoint {
  readonly action: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the base path: `/`, `/{id}`, `/{id}/archive`. */
  readonly path: string
}

/** What the YAML of a provider says about running it. */
export interface ProviderFacts {
  /** Fields and the environment variables that fill them in. */
  readonly environment: Readonly<Record<string, string>>
  /** What settings keys of its fields may begin with, beside `<capability>.<provider>`. */
  readonly settings: readonly string[]
  /** A TypeScript file beside the YAML. */
  readonly code: string | undefined
  /** What it is not good enough for: production at all, or several nodes. */
  readonly only: 'testing' | 'single_node' | undefined
}

/** A module, loaded and checked. `plural` is the table name and the path segment, in snake_case. */
export interface Module {
  readonly name: string
  readonly plural: string
  /** The file it came from, for messages. */
  readonly file: string
  /** What ids begin with, before `_`. */
  readonly idPrefix: string
  /**
   * `organization`: every record belongs to the organization in its `organization_id` (an organization to itself), and nobody of another one learns of it.
   * `instance`: the module is one for all.
   */
  readonly scope: 'instance' | 'organization'
  readonly meta: {
    readonly description: string
    readonly icon: string
    readonly displayName: string
    readonly displayPlural: string
    /** The field by which people know a record; undefined where only its id names it. */
    readonly nameField: string | undefined
    /** False where its writes leave no trace in the audit log: heartbeats, and what is a log itself. */
    readonly isAudited: boolean
    readonly implements: readonly string[]
    readonly requires: Readonly<
      Record<string, { capability: string; required: boolean; default?: string; description?: string }>
    >
    readonly provider: ProviderFacts
  }
  /** In the order of the YAML, the implicit ones included: id first, created_at and updated_at last. */
  readonly fields: ReadonlyMap<string, Field>
  /** Sets of fields that are unique together. */
  readonly unique: readonly (readonly string[])[]
  readonly actions: ReadonlyMap<string, Action>
  readonly channels: {
    readonly http: {
      readonly enabled: boolean
      readonly basePath: string
      /** Actions that answer over HTTP; all that are not internal unless the YAML names some. */
      readonly actions: ReadonlySet<string>
      /** Addresses below basePath that the YAML names, `{id}` standing for the record, beside the usual ones. */
      readonly endpoints: readonly HttpEndpoint[]
      /** External APIs by name; what calls them is in channel/consume. */
      readonly consume: Readonly<Record<string, ConsumedApi>>
    }
    readonly cli: {
      readonly enabled: boolean
      readonly command: string
      /** Columns of `list`. */
      readonly columns: readonly string[]
    }
    readonly websocket: {
      readonly enabled: boolean
      readonly path: string
      readonly events: readonly string[]
    }
  }
  /** By hook name: `before_create`, `after_revoke`. */
  readonly hooks: ReadonlyMap<string, readonly HookStep[]>
}
