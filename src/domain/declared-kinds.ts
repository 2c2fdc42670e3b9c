/** One kind of record that a configuration file can declare. */
export interface DeclaredKind {
  /** Its part of the file. */
  readonly section: string
  readonly module: string
  /** What people call one of them. */
  readonly label: string
  /** The fields that make the name of an entry, joined by `/`; refs stand with the name of their record. */
  readonly identity: readonly string[]
  /** The field that a bare value in the place of an entry stands for. */
  readonly shorthand?: string
  /** An input beside the fields that carries a secret and is only given to what is made. */
  readonly secretInput?: string
  /** What can stand in its place: another secret, with what has to be known about it in clear. */
  readonly broughtInput?: { readonly secret: string; readonly plain: string }
  /** A record that counts as gone has something in this field. */
  readonly endedBy?: string
  /** How a record that the file no longer has is taken away; undefined for what a file never takes away. */
  readonly removal?: 'delete' | 'revoke'
  /** A record with `true` in this field is never taken away. */
  readonly keptBy?: string
  /** `all` is dumped as a whole, `asked` only when keys are asked for, `referred` as far as others refer to it. */
  readonly dumped: 'all' | 'asked' | 'referred'
}

/** What `gateway.yaml` can declare, in the order in which it is written: what others refer to goes first. */
export const declaredKinds: readonly DeclaredKind[] = [
  {
    section: 'organizations',
    module: 'organization',
    label: 'organization',
    identity: ['slug'],
    keptBy: 'is_operator',
    dumped: 'referred',
  },
  {
    section: 'apis',
    module: 'api',
    label: 'API',
    identity: ['slug'],
    keptBy: 'is_default',
    removal: 'delete',
    dumped: 'all',
  },
  { section: 'plans', module: 'plan', label: 'plan', identity: ['name'], removal: 'delete', dumped: 'all' },
  {
    section: 'upstreams',
    module: 'upstream',
    label: 'upstream',
    identity: ['name'],
    removal: 'delete',
    dumped: 'all',
  },
  {
    section: 'routes',
    module: 'route',
    label: 'route',
    identity: ['name'],
    removal: 'delete',
    dumped: 'all',
  },
  {
    section: 'settings',
    module: 'setting',
    label: 'setting',
    identity: ['key'],
    shorthand: 'value',
    removal: 'delete',
    dumped: 'all',
  },
  {
    section: 'keys',
    module: 'api_key',
    label: 'key',
    identity: ['organization_id', 'name'],
    secretInput: 'key',
    broughtInput: { secret: 'key_digest', plain: 'key_prefix' },
    endedBy: 'revoked_at',
    removal: 'revoke',
    dumped: 'asked',
  },
]
