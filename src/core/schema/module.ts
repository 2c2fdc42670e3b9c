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

/** A field of a module, with every attribute filled in. */
export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly isRequired: boolean
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
  readonly pattern: RegExp | undefined
}

/** One step of a hook. */
export type HookStep =
  | { readonly kind: 'emit'; readonly event: string }
  | {
      readonly kind: 'call'
      readonly behaviour: string /** Where in the module's file. */
      readonly line: number
    }
  | { readonly kind: 'set'; readonly fields: Readonly<Record<string, unknown>> }

/** Who may call an action; the operator may call all that are not internal. */
export type ActionAuth = 'admin' | 'self_or_admin'

/** A custom or built-in action. */
export interface Action {
  readonly name: string
  readonly kind: 'list' | 'get' | 'create' | 'update' | 'delete' | 'custom'
  readonly description: string
  readonly isInternal: boolean
  readonly confirm: boolean
  readonly auth: ActionAuth
  readonly input: readonly Field[]
  readonly output: readonly Field[]
  /** Fields that the action sets; `now()` is the time of the action. */
  readonly set: Readonly<Record<string, unknown>>
}

/** An address that the YAML gives to an action. */
export interface HttpEndpoint {
  readonly action: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the base path: `/`, `/{id}`, `/{id}/archive`. */
  readonly path: string
}

/** An external API that a module's YAML describes (`channels.http.consume`), as it was written. */
export interface ConsumedApi {
  readonly base: string
  readonly auth?: { readonly type: string; readonly [key: string]: unknown } | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly timeout_ms?: number | undefined
  readonly methods: Readonly<
    Record<
      string,
      {
        readonly method: string
        readonly path: string
        readonly headers?: Readonly<Record<string, string>> | undefined
        readonly query?: Readonly<Record<string, string>> | undefined
        readonly map?: Readonly<Record<string, unknown>> | undefined
        readonly response?: { readonly set?: Readonly<Record<string, string>> | undefined } | undefined
      }
    >
  >
}

/** A module, loaded and checked. `plural` is the table name and the path segment, in snake_case. */
export interface Module {
  readonly name: string
  readonly plural: string
  /** The file it came from, for messages. */
  readonly file: string
  /** What ids begin with, before `_`. */
  readonly idPrefix: string
  readonly meta: {
    readonly description: string
    readonly icon: string
    readonly displayName: string
    readonly displayPlural: string
    readonly implements: readonly string[]
    readonly requires: Readonly<
      Record<string, { capability: string; required: boolean; default?: string; description?: string }>
    >
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
      /** External APIs by name; described here, called by a later part. */
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
