import type { Actor } from '#contract/actor.ts'
import { accept, Fault, type Outcome, refuse } from '#contract/outcome.ts'
import type { ApiKeyRow } from '#contract/rows.gen.ts'
import type { Call, Invoke } from '#ports/invoke.ts'
import type { SendMail } from '#ports/mail.ts'
import type { Records } from '#ports/records.ts'
import type { Background } from './background.ts'
import type { KeyNotices } from './key-notices.ts'

/** Who works on keys, and for which request. */
export interface KeyKeeper {
  readonly actor: Extract<Actor, { kind: 'member' }>
  readonly requestId: string
}

/** The keys of a member's organization. Every write is the member's own call, under the rights of the module. */
export interface Keys {
  list(keeper: KeyKeeper, cursor: string | undefined): Promise<{ items: readonly ApiKeyRow[]; next?: string }>
  /** The call that makes a key. */
  creation(keeper: KeyKeeper, input: Readonly<Record<string, unknown>>): Call
  /** Tells who made a key of it; to be called once it is there. */
  announce(keeper: KeyKeeper, id: string): Promise<void>
  revoke(keeper: KeyKeeper, id: string): Promise<Outcome<ApiKeyRow>>
  /** Changes what a key may do. */
  restrict(
    keeper: KeyKeeper,
    id: string,
    input: Readonly<Record<string, unknown>>,
  ): Promise<Outcome<ApiKeyRow>>
  /**
   * The calls that let the old key serve for the grace and make a new one with its name, scopes, addresses, limits and subscription: to be
   * made together, both or neither.
   */
  rotation(keeper: KeyKeeper, id: string, graceSeconds: number): Promise<Outcome<readonly [Call, Call]>>
}

const unknown = refuse('not_found', 'No such key')

/** Keys over their module; who makes one gets a mail about it. */
export function createKeys(deps: {
  readonly records: Records
  readonly invoke: Invoke
  readonly sendMail: SendMail
  readonly notices: KeyNotices
  readonly background: Background
}): Keys {
  const { records } = deps

  const ofOrganization = async ({ actor }: KeyKeeper, id: string): Promise<ApiKeyRow | undefined> => {
    const row = await records.get('api_key', id)
    return row?.organization_id === actor.organizationId ? row : undefined
  }
  const read = async (id: string): Promise<ApiKeyRow> => {
    const row = await records.get('api_key', id)
    if (row === undefined) throw new Fault('internal_error', 'a key that was written is not there')
    return row
  }
  const announce = async ({ actor }: KeyKeeper, id: string): Promise<void> => {
    const [key, user, organization] = await Promise.all([
      read(id),
      records.get('user', actor.id),
      records.get('organization', actor.organizationId),
    ])
    if (user !== undefined)
      deps.background.start('key mail', () =>
        deps.sendMail({
          template: 'key_created',
          to: user.email,
          data: {
            name: user.name || user.email,
            organization: organization?.name ?? '',
            key_name: key.name,
            key_prefix: key.prefix ?? '',
            created_by: user.email,
            time: key.created_at,
          },
          dedupeKey: `key_created ${key.id}`,
        }),
      )
  }

  return {
    announce,
    creation: (keeper, input) => ({
      ...keeper,
      module: 'api_key',
      action: 'create',
      input: { ...input, organization_id: keeper.actor.organizationId },
    }),
    async list({ actor }, cursor) {
      const page = await records.list('api_key', {
        where: [{ field: 'organization_id', op: 'eq', value: actor.organizationId }],
        sort: { field: 'created_at', descending: true },
        limit: 100,
        ...(cursor === undefined ? {} : { cursor }),
      })
      return { items: page.items, ...(page.nextCursor === undefined ? {} : { next: page.nextCursor }) }
    },
    async revoke(keeper, id) {
      if ((await ofOrganization(keeper, id)) === undefined) return unknown
      const outcome = await deps.invoke({ ...keeper, module: 'api_key', action: 'revoke', id })
      if (!outcome.ok) return outcome
      const revoked = await read(id)
      deps.background.start('key mail', () => deps.notices.revoked(revoked))
      return accept(revoked)
    },
    async restrict(keeper, id, input) {
      if ((await ofOrganization(keeper, id)) === undefined) return unknown
      const outcome = await deps.invoke({ ...keeper, module: 'api_key', action: 'restrict', id, input })
      return outcome.ok ? accept(await read(id)) : outcome
    },
    async rotation(keeper, id, graceSeconds) {
      const old = await ofOrganization(keeper, id)
      if (old === undefined) return unknown
      const { name, scopes, allow_ips, subscription_id } = old
      const input = {
        name,
        replaces_id: id,
        organization_id: keeper.actor.organizationId,
        ...(scopes === null ? {} : { scopes }),
        ...(allow_ips === null ? {} : { allow_ips }),
        ...(subscription_id === null ? {} : { subscription_id }),
      }
      return accept([
        { ...keeper, module: 'api_key', action: 'retire', id, input: { grace_seconds: graceSeconds } },
        { ...keeper, module: 'api_key', action: 'create', input },
      ])
    },
  }
}
